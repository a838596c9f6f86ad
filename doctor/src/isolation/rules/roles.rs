//! Rules about the roles of services.

use super::{Rule, query};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "role_above_the_policies",
        why: "policies do not bind it, or it can make roles that they do not bind",
        todo: "ALTER ROLE … NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION NOINHERIT",
        query: query!(
            "SELECT rolname::text FROM pg_roles JOIN runtime ON runtime.oid = pg_roles.oid
             WHERE rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR rolinherit"
        ),
        excused: &[],
    },
    Rule {
        name: "system_role_with_login",
        why: "a role that looks across organisations is taken on for one transaction only",
        todo: "ALTER ROLE … NOLOGIN",
        query: query!(
            "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'sys\\_%' AND rolcanlogin"
        ),
        excused: &[],
    },
    Rule {
        name: "role_owns_something",
        why: "an owner can switch row-level security off",
        todo: "REASSIGN OWNED BY the role TO the role that runs the migrations",
        query: query!(
            "SELECT runtime.name || ' ' || pg_describe_object(d.classid, d.objid, d.objsubid)
             FROM pg_shdepend d JOIN runtime ON runtime.oid = d.refobjid
             WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'
               AND d.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))"
        ),
        excused: &[],
    },
    Rule {
        name: "role_is_also_another",
        why: "it can take on the rights of the other role",
        todo: "REVOKE the other role FROM it; svc_<service> is a member of sys_<service> and of nothing else",
        query: query!(
            "SELECT DISTINCT runtime.name || ' ' || other.rolname
             FROM pg_auth_members m JOIN runtime ON runtime.oid = m.member
             JOIN pg_roles other ON other.oid = m.roleid
             WHERE other.rolname <> regexp_replace(runtime.name, '^svc_', 'sys_')
                OR runtime.name ~ '^sys_'"
        ),
        excused: &[],
    },
    Rule {
        name: "setting_of_a_role",
        why: "a preset value makes a forgotten scope silent, or names mean something else",
        todo: "ALTER ROLE … RESET the setting (ALTER DATABASE … RESET when it is the database's)",
        query: query!(
            "SELECT coalesce(runtime.name, 'everybody') || ' ' || setting
             FROM pg_db_role_setting s LEFT JOIN runtime ON runtime.oid = s.setrole
             CROSS JOIN unnest(s.setconfig) AS setting
             WHERE (s.setrole = 0 OR runtime.oid IS NOT NULL)
               AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
               AND setting ~* '^(app\\.org_id|row_security|role|search_path|session_replication_role)='"
        ),
        excused: &[],
    },
    Rule {
        name: "role_can_create",
        why: "what it creates can take the place of what a statement means",
        todo: "REVOKE CREATE ON the schema or database FROM it and FROM PUBLIC",
        query: query!(
            "SELECT runtime.name || ' schema ' || n.nspname FROM runtime CROSS JOIN pg_namespace n
             WHERE n.nspname !~ '^pg_(toast_)?temp_' AND has_schema_privilege(runtime.oid, n.oid, 'CREATE')
             UNION ALL
             SELECT runtime.name || ' database' FROM runtime
             WHERE has_database_privilege(runtime.oid, current_database(), 'CREATE')"
        ),
        excused: &[],
    },
    Rule {
        name: "right_of_everybody",
        why: "what PUBLIC may, every role of every service may",
        todo: "REVOKE it FROM PUBLIC and grant it to the role that needs it",
        query: query!(
            "SELECT tables.name || ' ' || acl.privilege_type FROM pg_class c JOIN tables ON tables.oid = c.oid
             CROSS JOIN aclexplode(c.relacl) AS acl WHERE acl.grantee = 0
             UNION ALL
             SELECT tables.name || '.' || a.attname || ' ' || acl.privilege_type FROM pg_attribute a
             JOIN tables ON tables.oid = a.attrelid CROSS JOIN aclexplode(a.attacl) AS acl
             WHERE acl.grantee = 0
             UNION ALL
             SELECT c.oid::regclass::text || ' ' || acl.privilege_type FROM pg_class c
             JOIN ours ON ours.oid = c.relnamespace CROSS JOIN aclexplode(c.relacl) AS acl
             WHERE c.relkind = 'S' AND acl.grantee = 0
             UNION ALL
             SELECT n.nspname || ' ' || acl.privilege_type FROM pg_namespace n
             JOIN ours ON ours.oid = n.oid CROSS JOIN aclexplode(n.nspacl) AS acl WHERE acl.grantee = 0"
        ),
        excused: &[(
            "app USAGE",
            "it holds the function that every policy calls, and no data",
        )],
    },
    Rule {
        name: "right_by_default",
        why: "a table that is made later is open before anybody has looked at it",
        todo: "ALTER DEFAULT PRIVILEGES … REVOKE it",
        query: query!(
            "SELECT coalesce(n.nspname::text, 'every schema') || ' ' || d.defaclobjtype::text || ' '
                    || coalesce(runtime.name, 'PUBLIC') || ' ' || acl.privilege_type
             FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
             CROSS JOIN aclexplode(d.defaclacl) AS acl LEFT JOIN runtime ON runtime.oid = acl.grantee
             WHERE d.defaclobjtype IN ('r', 'S', 'n') AND (acl.grantee = 0 OR runtime.oid IS NOT NULL)
               AND (n.oid IS NULL OR n.oid IN (SELECT oid FROM ours))"
        ),
        excused: &[],
    },
    Rule {
        name: "right_past_the_policies",
        why: "policies do not apply to it",
        todo: "REVOKE TRUNCATE, REFERENCES, TRIGGER ON … FROM the role",
        query: query!(
            "SELECT tables.name || ' ' || runtime.name || ' ' || privilege
             FROM tables CROSS JOIN runtime
             CROSS JOIN unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
             WHERE has_table_privilege(runtime.oid, tables.oid, privilege)"
        ),
        excused: &[],
    },
    Rule {
        name: "right_in_another_services_schema",
        why: "a service that is broken into gives away what is not its own",
        todo: "REVOKE it; the owning service answers by rpc",
        query: query!(
            "SELECT tables.name || ' ' || runtime.name FROM tables CROSS JOIN runtime
             JOIN ours ON ours.oid = tables.relnamespace
             WHERE ours.name NOT IN ('app', 'events', 'idempotency', 'audit')
               AND ours.name <> regexp_replace(runtime.name, '^(svc|sys)_', '')
               AND has_any_column_privilege(runtime.oid, tables.oid, 'SELECT, INSERT, UPDATE')"
        ),
        excused: &[],
    },
];

//! Rules about what runs inside the database.

use super::{Rule, query};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "scope_is_not_loud",
        why: "every policy asks it, and a forgotten scope must be an error and not an empty answer",
        todo: "create it again as the migrations do: STABLE, no SECURITY DEFINER, no missing_ok, full names",
        query: query!(
            "SELECT 'app.current_org()' WHERE NOT EXISTS (
               SELECT FROM pg_proc p WHERE p.oid = to_regprocedure('app.current_org()')
                 AND p.provolatile = 's' AND NOT p.prosecdef AND p.proconfig IS NULL
                 AND btrim(p.prosrc) = 'SELECT pg_catalog.current_setting(''app.org_id'')::pg_catalog.uuid')"
        ),
        excused: &[],
    },
    Rule {
        name: "view_with_its_owners_eyes",
        why: "a view runs as its owner, who is another than the one who reads",
        todo: "ALTER VIEW … SET (security_invoker = true)",
        query: query!(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN ours ON ours.oid = c.relnamespace
             WHERE c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)"
        ),
        excused: &[],
    },
    Rule {
        name: "copy_without_policies",
        why: "a materialised view, a foreign table or a rule has no policies of its own",
        todo: "DROP it, or keep it in a schema that no service may enter",
        query: query!(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN ours ON ours.oid = c.relnamespace
             WHERE c.relkind IN ('m', 'f')
             UNION ALL
             SELECT tables.name || ' ' || r.rulename FROM pg_rewrite r JOIN tables ON tables.oid = r.ev_class"
        ),
        excused: &[],
    },
    Rule {
        name: "function_with_its_owners_rights",
        why: "a SECURITY DEFINER function sees what its owner sees",
        todo: "ALTER FUNCTION … SECURITY INVOKER",
        query: query!(
            "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN ours ON ours.oid = p.pronamespace
             WHERE p.prosecdef"
        ),
        excused: &[],
    },
    Rule {
        name: "function_before_the_policy",
        why: "a LEAKPROOF function is given rows that the policy would hide",
        todo: "ALTER FUNCTION … NOT LEAKPROOF",
        query: query!(
            "SELECT p.oid::regprocedure::text FROM pg_proc p
             JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE p.proleakproof AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
               AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                               AND d.objid = p.oid AND d.deptype = 'e')"
        ),
        excused: &[],
    },
    Rule {
        name: "published_rows",
        why: "replication copies rows without asking the policies",
        todo: "ALTER PUBLICATION … DROP TABLE, or be sure who may read the subscriber",
        query: query!(
            "SELECT p.pubname || ' ' || tables.name FROM pg_publication_tables p
             JOIN tables ON tables.oid = format('%I.%I', p.schemaname, p.tablename)::regclass"
        ),
        excused: &[],
    },
];

//! Rules about tables and their policies.

use super::{Rule, query};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "table_without_organisation",
        why: "no policy can say whose its rows are",
        todo: "give it `org_id uuid NOT NULL`, or list it here with the reason why nobody owns its rows",
        query: query!(
            "SELECT name FROM tables
             WHERE NOT EXISTS (SELECT FROM tenant
                               WHERE tenant.oid = tables.oid AND attnotnull AND atttypid = 'uuid'::regtype)"
        ),
        excused: SHARED,
    },
    Rule {
        name: "row_security_off",
        why: "its policies are not applied, so every organisation sees every row",
        todo: "ALTER TABLE … ENABLE ROW LEVEL SECURITY",
        query: query!("SELECT name FROM tenant WHERE NOT relrowsecurity"),
        excused: &[],
    },
    Rule {
        name: "row_security_not_forced",
        why: "its owner passes by the policies",
        todo: "ALTER TABLE … FORCE ROW LEVEL SECURITY",
        query: query!("SELECT name FROM tenant WHERE NOT relforcerowsecurity"),
        excused: &[],
    },
    Rule {
        name: "no_organisation_policy",
        why: "nothing confines a service to the organisation it works for",
        todo: "CREATE POLICY org_isolation … USING (org_id = (SELECT app.current_org()))",
        query: query!(
            "SELECT name FROM tenant WHERE NOT EXISTS (
               SELECT FROM pg_policy p WHERE p.polrelid = tenant.oid AND p.polpermissive
                 AND pg_get_expr(p.polqual, p.polrelid) ~ '^\\(org_id = \\( ?SELECT app\\.current_org\\(\\)')"
        ),
        excused: &[],
    },
    Rule {
        name: "policy_for_everybody",
        why: "a policy without TO holds for roles that nobody thought of",
        todo: "ALTER POLICY … TO the roles of the services that need it",
        query: query!(
            "SELECT tables.name || ' ' || p.polname FROM pg_policy p JOIN tables ON tables.oid = p.polrelid
             WHERE EXISTS (SELECT FROM unnest(p.polroles) AS role
                           WHERE role NOT IN (SELECT oid FROM runtime))"
        ),
        excused: &[],
    },
    Rule {
        name: "policy_beyond_the_organisation",
        why: "it shows or takes rows of every organisation in the ordinary transactions of a service",
        todo: "USING and WITH CHECK (org_id = (SELECT app.current_org())), or give it to sys_<service>",
        query: query!(
            "SELECT tables.name || ' ' || p.polname FROM pg_policy p JOIN tables ON tables.oid = p.polrelid
             WHERE p.polpermissive
               AND EXISTS (SELECT FROM unnest(p.polroles) AS role JOIN pg_roles r ON r.oid = role
                           WHERE r.rolname LIKE 'svc\\_%')
               AND (p.polcmd <> 'a' AND pg_get_expr(p.polqual, p.polrelid) NOT LIKE '%app.current_org()%'
                    OR p.polcmd IN ('a', 'w', '*')
                    AND coalesce(pg_get_expr(p.polwithcheck, p.polrelid), pg_get_expr(p.polqual, p.polrelid))
                        NOT LIKE '%app.current_org()%')"
        ),
        excused: &[
            (
                "identity.user_account sign_up",
                "an account that is being made belongs to nobody yet",
            ),
            (
                "identity.mail queue",
                "a request adds a mail to a person and can read none",
            ),
            (
                "identity.account_link issue",
                "a request adds a link for a person and can read none",
            ),
        ],
    },
    Rule {
        name: "history_can_change",
        why: "what happened must not be rewritten",
        todo: "REVOKE UPDATE, DELETE, TRUNCATE ON … FROM the role",
        query: query!(
            "SELECT tables.name || ' ' || runtime.name FROM tables CROSS JOIN runtime
             WHERE tables.name IN ('events.event', 'booking.booking_change',
                                   'voice_tooling.agent_version', 'audit.entry')
               AND (has_table_privilege(runtime.oid, tables.oid, 'DELETE, TRUNCATE') OR EXISTS (
                 SELECT FROM pg_attribute a WHERE a.attrelid = tables.oid AND a.attnum > 0
                   AND NOT a.attisdropped
                   AND has_column_privilege(runtime.oid, tables.oid, a.attnum, 'UPDATE')
                   -- What was written about somebody who was erased is forgotten, and a trigger lets
                   -- nothing else through.
                   AND NOT (tables.name = 'booking.booking_change' AND a.attname = 'reason'
                            AND EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = tables.oid
                                        AND g.tgname = 'forget_only' AND g.tgenabled = 'O'))))"
        ),
        excused: &[],
    },
];

/// Tables without `org_id`, each with the reason why no organisation owns its rows.
const SHARED: &[(&str, &str)] = &[
    (
        "identity.user_account",
        "a person may belong to several clinics",
    ),
    (
        "identity.revocation_counter",
        "numbers revocations, which every gateway follows in one order",
    ),
    (
        "identity.mail",
        "what is written to a person, whatever clinics they belong to",
    ),
    (
        "identity.account_link",
        "opens a person's account, whatever clinics they belong to",
    ),
    (
        "identity.second_factor",
        "a person's, whatever clinics they belong to",
    ),
    (
        "identity.recovery_code",
        "a person's, whatever clinics they belong to",
    ),
    (
        "identity.login_challenge",
        "a person who signs in, before any clinic is known",
    ),
    (
        "voice_tooling.platform_tool",
        "every tool is registered at Vapi once for the platform",
    ),
    (
        "voice_tooling.platform_credential",
        "what Vapi proves itself with is the platform's",
    ),
    (
        "voice_tooling.platform_lease",
        "one process registers the platform's tools at a time",
    ),
];

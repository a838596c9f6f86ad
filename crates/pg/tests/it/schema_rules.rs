//! The catalog is read for any table that breaks a rule, so that no later migration can forget one.

use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use voxanne_testkit::Database;

/// Our schemas; everything else in the catalog is Postgres' own.
const OURS: &str =
    "('app','audit','events','idempotency','identity','booking','notification','voice_tooling')";

/// Tables without `org_id`, each with the reason why no organisation owns its rows. May only shrink.
const SHARED: [&str; 5] = [
    // A person may belong to several clinics.
    "identity.user_account",
    // Numbers revocations, which every gateway follows in one order.
    "identity.revocation_counter",
    // Every tool is registered at Vapi once for the platform.
    "voice_tooling.platform_tool",
    "voice_tooling.platform_credential",
    "voice_tooling.platform_lease",
];

async fn offenders(db: &mut PgConnection, query: &str) -> Vec<String> {
    sqlx::query(AssertSqlSafe(query.replace("$OURS", OURS)))
        .fetch_all(db)
        .await
        .unwrap_or_else(|error| panic!("{query}: {error}"))
        .into_iter()
        .map(|row| row.get::<String, _>(0))
        .collect()
}

#[tokio::test]
async fn every_tenant_table_forces_row_level_security() {
    let mut db = Database::fresh().await.owner().await;
    let bad = offenders(
        &mut db,
        "SELECT c.oid::regclass::text FROM pg_class c
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text IN $OURS
           AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                    AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid
                                AND pg_get_expr(p.polqual, p.polrelid) LIKE '%current_org%'))",
    )
    .await;
    assert_eq!(bad, Vec::<String>::new());
}

#[tokio::test]
async fn every_table_belongs_to_an_organisation_or_says_why_not() {
    let mut db = Database::fresh().await.owner().await;
    let without = offenders(
        &mut db,
        "SELECT c.relnamespace::regnamespace::text || '.' || c.relname FROM pg_class c
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text IN $OURS
           AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
                           AND a.attname = 'org_id' AND a.attnotnull AND NOT a.attisdropped)
         ORDER BY 1",
    )
    .await;
    let unexplained: Vec<_> = without
        .iter()
        .filter(|table| !SHARED.contains(&table.as_str()))
        .collect();
    assert_eq!(unexplained, Vec::<&String>::new());
}

/// A unique key without `org_id` tells one organisation what another has.
#[tokio::test]
async fn every_unique_key_of_a_tenant_table_starts_with_the_organisation() {
    let mut db = Database::fresh().await.owner().await;
    let bad = offenders(
        &mut db,
        "SELECT i.indexrelid::regclass::text FROM pg_index i
         JOIN pg_class c ON c.oid = i.indrelid
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped
         WHERE (i.indisunique OR i.indisexclusion) AND i.indkey[0] <> a.attnum
           AND c.relnamespace::regnamespace::text IN $OURS",
    )
    .await;
    assert_eq!(bad, Vec::<String>::new());
}

/// Foreign-key checks skip row-level security, so a reference by id alone reaches any organisation.
#[tokio::test]
async fn every_foreign_key_between_tenant_tables_carries_the_organisation() {
    let mut db = Database::fresh().await.owner().await;
    let bad = offenders(
        &mut db,
        "SELECT f.conname::text FROM pg_constraint f
         JOIN pg_attribute target ON target.attrelid = f.confrelid AND target.attname = 'org_id'
         JOIN pg_attribute source ON source.attrelid = f.conrelid AND source.attname = 'org_id'
         WHERE f.contype = 'f'
           AND NOT (source.attnum = ANY (f.conkey) AND target.attnum = ANY (f.confkey))",
    )
    .await;
    assert_eq!(bad, Vec::<String>::new());
}

#[tokio::test]
async fn the_roles_of_services_own_nothing_and_pass_nothing_by() {
    let mut db = Database::fresh().await.owner().await;
    let powerful = offenders(
        &mut db,
        "SELECT rolname::text FROM pg_roles WHERE (rolname LIKE 'svc\\_%' OR rolname LIKE 'sys\\_%')
           AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolinherit)",
    )
    .await;
    assert_eq!(powerful, Vec::<String>::new());
    let owned = offenders(
        &mut db,
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
         WHERE r.rolname LIKE 'svc\\_%' OR r.rolname LIKE 'sys\\_%'",
    )
    .await;
    assert_eq!(owned, Vec::<String>::new());
    let truncating = offenders(
        &mut db,
        "SELECT table_schema || '.' || table_name || ' ' || grantee
         FROM information_schema.role_table_grants
         WHERE (grantee LIKE 'svc\\_%' OR grantee LIKE 'sys\\_%' OR grantee = 'PUBLIC')
           AND table_schema IN $OURS
           AND (grantee = 'PUBLIC' OR privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES'))",
    )
    .await;
    assert_eq!(truncating, Vec::<String>::new());
}

/// A service that reads another's tables would make them part of that other's contract.
#[tokio::test]
async fn a_service_reaches_its_own_schema_and_the_shared_ones_only() {
    let mut db = Database::fresh().await.owner().await;
    let strangers = offenders(
        &mut db,
        "SELECT DISTINCT table_schema || ' ' || grantee FROM information_schema.role_table_grants
         WHERE grantee ~ '^(svc|sys)_' AND table_schema IN $OURS
           AND table_schema NOT IN ('audit', 'events', 'idempotency')
           AND table_schema <> regexp_replace(grantee, '^(svc|sys)_', '')",
    )
    .await;
    assert_eq!(strangers, Vec::<String>::new());
}

/// A view runs as its owner, and a SECURITY DEFINER function too: both see every organisation.
#[tokio::test]
async fn no_view_or_function_runs_with_its_owners_eyes() {
    let mut db = Database::fresh().await.owner().await;
    let bad = offenders(
        &mut db,
        "SELECT c.oid::regclass::text FROM pg_class c
         WHERE c.relkind IN ('v', 'm') AND c.relnamespace::regnamespace::text IN $OURS
           AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)
         UNION ALL
         SELECT p.oid::regprocedure::text FROM pg_proc p
         WHERE p.prosecdef AND p.pronamespace::regnamespace::text IN $OURS",
    )
    .await;
    assert_eq!(bad, Vec::<String>::new());
}

#[tokio::test]
async fn history_can_only_grow() {
    let mut db = Database::fresh().await.owner().await;
    let changeable = offenders(
        &mut db,
        "SELECT table_schema || '.' || table_name || ' ' || grantee || ' ' || privilege_type
         FROM information_schema.role_table_grants
         WHERE grantee ~ '^(svc|sys)_' AND privilege_type IN ('UPDATE', 'DELETE')
           AND table_schema || '.' || table_name IN ('audit.entry', 'events.event', 'booking.booking_change',
               'voice_tooling.agent_version', 'identity.revocation')",
    )
    .await;
    assert_eq!(changeable, Vec::<String>::new());
}

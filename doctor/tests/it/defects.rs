//! Each rule and probe goes red when what it is about is broken.

use std::collections::BTreeSet;

use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;
use voxanne_doctor::{
    Report,
    isolation::{examine, read_catalogue, rules},
};
use voxanne_testkit::{Database, eventually};

use crate::sample::run;

/// A defect to plant, and the rules that must find it.
const DEFECTS: &[(&str, &[&str])] = &[
    ("CREATE TABLE booking.loot (id uuid PRIMARY KEY)", &["table_without_organisation"]),
    ("CREATE TABLE booking.loot (org_id uuid)", &["table_without_organisation"]),
    ("ALTER TABLE booking.patient DISABLE ROW LEVEL SECURITY", &["row_security_off", "probe"]),
    ("ALTER TABLE booking.patient NO FORCE ROW LEVEL SECURITY", &["row_security_not_forced"]),
    ("DROP POLICY org_isolation ON booking.patient", &["no_organisation_policy", "missing_right"]),
    (
        "ALTER POLICY org_isolation ON booking.patient TO PUBLIC",
        &["policy_for_everybody", "missing_right"],
    ),
    (
        "CREATE POLICY loot ON booking.patient TO svc_booking USING (true)",
        &["policy_beyond_the_organisation", "unexpected_right", "probe"],
    ),
    (
        "ALTER POLICY org_isolation ON booking.patient WITH CHECK (true)",
        &["policy_beyond_the_organisation", "probe"],
    ),
    (
        "CREATE POLICY loot ON booking.patient FOR INSERT TO svc_booking WITH CHECK (true)",
        &["policy_beyond_the_organisation", "unexpected_right", "probe"],
    ),
    (
        "CREATE POLICY loot ON booking.weekly_hours FOR DELETE TO svc_booking USING (true)",
        &["policy_beyond_the_organisation", "unexpected_right"],
    ),
    ("GRANT DELETE ON events.event TO svc_booking", &["history_can_change", "unexpected_right"]),
    ("CREATE UNIQUE INDEX ON booking.patient (phone)", &["unique_key_without_organisation"]),
    (
        "ALTER TABLE booking.claim ADD EXCLUDE USING gist (resource_id WITH =, busy WITH &&)",
        &["unique_key_without_organisation"],
    ),
    (
        "ALTER TABLE booking.patient ADD UNIQUE (id);
         ALTER TABLE booking.booking ADD FOREIGN KEY (patient_id) REFERENCES booking.patient (id)",
        &["reference_without_organisation"],
    ),
    ("ALTER TABLE events.progress DROP CONSTRAINT progress_pkey", &["key_without_organisation"]),
    ("ALTER ROLE svc_booking BYPASSRLS", &["role_above_the_policies", "probe"]),
    ("ALTER ROLE svc_booking SUPERUSER", &["role_above_the_policies"]),
    ("ALTER ROLE sys_booking LOGIN", &["system_role_with_login"]),
    ("ALTER TABLE booking.patient OWNER TO svc_booking", &["role_owns_something"]),
    ("GRANT sys_identity TO svc_booking", &["role_is_also_another"]),
    ("GRANT pg_read_all_data TO svc_booking", &["role_is_also_another"]),
    ("ALTER ROLE svc_booking SET app.org_id = '00000000-0000-0000-0000-000000000000'", &["setting_of_a_role"]),
    ("GRANT CREATE ON SCHEMA booking TO svc_booking", &["role_can_create", "unexpected_right"]),
    ("GRANT CREATE, USAGE ON SCHEMA public TO PUBLIC", &["role_can_create", "right_of_everybody"]),
    ("GRANT SELECT ON booking.patient TO PUBLIC", &["right_of_everybody"]),
    ("GRANT SELECT (name) ON booking.patient TO PUBLIC", &["right_of_everybody"]),
    (
        "ALTER DEFAULT PRIVILEGES IN SCHEMA booking GRANT SELECT ON TABLES TO svc_booking",
        &["right_by_default"],
    ),
    ("GRANT TRUNCATE ON booking.patient TO svc_booking", &["right_past_the_policies", "unexpected_right"]),
    (
        "GRANT SELECT ON booking.patient TO svc_realtime",
        &["right_in_another_services_schema", "unexpected_right"],
    ),
    (
        "CREATE OR REPLACE FUNCTION app.current_org() RETURNS uuid LANGUAGE sql STABLE
         AS $$ SELECT nullif(current_setting('app.org_id', true), '')::uuid $$",
        &["scope_is_not_loud", "probe"],
    ),
    ("CREATE VIEW booking.loot AS SELECT * FROM booking.patient", &["view_with_its_owners_eyes"]),
    ("CREATE MATERIALIZED VIEW booking.loot AS SELECT * FROM booking.patient", &["copy_without_policies"]),
    (
        "CREATE RULE loot AS ON INSERT TO booking.patient DO ALSO SELECT 1",
        &["copy_without_policies"],
    ),
    (
        "CREATE FUNCTION booking.loot() RETURNS bigint LANGUAGE sql SECURITY DEFINER
         AS 'SELECT count(*) FROM booking.patient'",
        &["function_with_its_owners_rights"],
    ),
    (
        "CREATE FUNCTION booking.loot(text) RETURNS boolean LANGUAGE sql LEAKPROOF AS 'SELECT true'",
        &["function_before_the_policy"],
    ),
    ("CREATE PUBLICATION loot FOR TABLE booking.patient", &["published_rows"]),
    ("REVOKE INSERT ON booking.patient FROM svc_booking", &["missing_right"]),
    ("DELETE FROM public._sqlx_migrations WHERE version = 20261122100200", &["migration"]),
    ("UPDATE public._sqlx_migrations SET checksum = '\\x00'", &["migration"]),
    (
        "INSERT INTO public._sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (99999999999999, 'later', true, '', 0)",
        &["migration"],
    ),
];

/// Rules about other sessions, which the tests at the end of this file are about.
const ABOUT_SESSIONS: [&str; 2] = ["transaction_left_open", "service_connected_as_another"];

#[tokio::test]
async fn every_planted_defect_is_found() {
    let mut db = Database::fresh().await.owner().await;
    // Roles belong to the whole cluster, so what is planted is never committed.
    let mut outer = db.begin().await.unwrap();
    two_patients(&mut outer).await;
    for (defect, expected) in DEFECTS {
        let mut tx = outer.begin().await.unwrap();
        sqlx::raw_sql(*defect)
            .execute(&mut *tx)
            .await
            .unwrap_or_else(|error| panic!("{defect}: {error}"));
        let found = found(&mut tx, expected.contains(&"probe")).await;
        for rule in *expected {
            assert!(
                found.contains(*rule),
                "{defect}: {rule} is not among {found:?}"
            );
        }
        tx.rollback().await.unwrap();
    }
    let healthy = examine(&mut outer).await.unwrap();
    assert_eq!(healthy.findings, []);
}

/// The rules that something breaks; trying statements takes longer than reading the catalogue.
async fn found(tx: &mut PgConnection, try_too: bool) -> BTreeSet<String> {
    let report = if try_too {
        examine(tx).await.unwrap()
    } else {
        let mut report = Report::default();
        run(tx, "SET LOCAL search_path = ''").await.unwrap();
        read_catalogue(tx, &mut report).await.unwrap();
        report
    };
    report.findings.into_iter().map(|one| one.rule).collect()
}

#[test]
fn every_rule_was_seen_red() {
    let planted: BTreeSet<_> = DEFECTS
        .iter()
        .flat_map(|(_, rules)| *rules)
        .copied()
        .collect();
    let unseen: Vec<_> = rules::all()
        .map(|rule| rule.name)
        .filter(|name| !planted.contains(name) && !ABOUT_SESSIONS.contains(name))
        .collect();
    assert_eq!(unseen, Vec::<&str>::new());
}

async fn two_patients(db: &mut PgConnection) {
    for phone in ["+12125550142", "+12125550143"] {
        sqlx::query(
            "INSERT INTO booking.patient (org_id, id, name, phone)
             VALUES ($1, $2, 'Ada Lee', $3)",
        )
        .bind(Uuid::new_v4())
        .bind(Uuid::new_v4())
        .bind(phone)
        .execute(&mut *db)
        .await
        .unwrap();
    }
}

/// The owner's URL in a service's configuration switches every policy off for that service.
#[tokio::test]
async fn a_service_that_connects_as_the_owner_is_found() {
    let database = Database::fresh().await;
    let mut db = database.owner().await;
    let mut service = PgConnection::connect(&format!(
        "{}?application_name=booking",
        database.owner_url()
    ))
    .await
    .unwrap();
    let report = examine(&mut db).await.unwrap();
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|one| (one.rule.as_str(), one.subject.as_str()))
        .collect();
    assert_eq!(
        found,
        [("service_connected_as_another", "booking as postgres")]
    );
    service.ping().await.unwrap();
}

#[tokio::test]
async fn a_transaction_that_is_left_open_is_found() {
    let database = Database::fresh().await;
    let mut service = PgConnection::connect(database.url("booking").expose_secret())
        .await
        .unwrap();
    sqlx::raw_sql("BEGIN; SELECT 1")
        .execute(&mut service)
        .await
        .unwrap();
    let rule = rules::all()
        .find(|rule| rule.name == "transaction_left_open")
        .unwrap();
    let watching = tokio::sync::Mutex::new(database.owner().await);
    eventually("the doctor finds it", || async {
        let found = rule.broken_by(&mut *watching.lock().await).await.unwrap();
        found
            .iter()
            .any(|one| one.subject.ends_with(" svc_booking"))
    })
    .await;
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut service)
        .await
        .unwrap();
    let found = rule.broken_by(&mut *watching.lock().await).await.unwrap();
    assert_eq!(found, []);
}

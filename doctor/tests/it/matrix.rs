//! Every tenant table × every statement × every scope × every role of a service, against what the
//! list of expected rights says should come of it.

mod cell;

use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;
use voxanne_doctor::isolation::access;
use voxanne_testkit::Database;

use self::cell::{CELLS, Orgs};
use crate::sample::{attempt, bare_tables, roles, run};

/// How many cells were tried, and those that came out otherwise.
async fn deviations(db: &mut PgConnection, whose: &str) -> (usize, Vec<String>) {
    let mut tx = db.begin().await.unwrap();
    let orgs = Orgs {
        ours: Uuid::new_v4(),
        theirs: Uuid::new_v4(),
        empty: Uuid::new_v4(),
    };
    let tables = bare_tables(&mut tx).await;
    for table in &tables {
        // The same values twice: a unique key that forgets the organisation would refuse the second.
        for org in [orgs.ours, orgs.theirs] {
            let insert = table.insert(org, None);
            run(&mut tx, &insert)
                .await
                .unwrap_or_else(|code| panic!("{code}: {insert}"));
        }
    }
    let expected = access::expected();
    let (mut tried, mut wrong) = (0, Vec::new());
    let roles = roles(&mut tx).await;
    for role in roles.iter().filter(|role| role.contains(whose)) {
        for table in &tables {
            let key = (role.clone(), table.name.clone());
            let access = expected.get(&key).cloned().unwrap_or_default();
            for cell in CELLS {
                let statement = cell.statement(table, &access, &orgs);
                let outcome = attempt(&mut tx, (role, &cell.scope(&orgs)), &statement).await;
                let wanted = cell.expectation(&access);
                tried += 1;
                if !wanted.is_met(&outcome) {
                    wrong.push(format!(
                        "{role}: {statement}: {outcome:?}, not {wanted:?} ({cell:?})"
                    ));
                }
            }
        }
    }
    tx.rollback().await.unwrap();
    (tried, wrong)
}

#[tokio::test]
async fn every_role_gets_what_is_listed_and_no_more() {
    let mut db = Database::fresh().await.owner().await;
    let (tried, wrong) = deviations(&mut db, "").await;
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(tried > 4000, "{tried}");
}

#[tokio::test]
async fn the_matrix_notices_what_is_not_listed() {
    let mut db = Database::fresh().await.owner().await;
    let mut tx = db.begin().await.unwrap();
    for (whose, defect) in [
        (
            "svc_booking",
            "ALTER TABLE booking.patient DISABLE ROW LEVEL SECURITY",
        ),
        (
            "svc_voice_tooling",
            "DROP POLICY org_isolation ON voice_tooling.tool_run",
        ),
        (
            "svc_booking",
            "CREATE POLICY loot ON booking.weekly_hours FOR DELETE TO svc_booking USING (true)",
        ),
        (
            "svc_booking",
            "CREATE POLICY loot ON booking.booking FOR UPDATE TO svc_booking USING (true)",
        ),
        (
            "svc_booking",
            "CREATE POLICY loot ON booking.booking FOR INSERT TO svc_booking WITH CHECK (true)",
        ),
        (
            "svc_identity",
            "ALTER POLICY org_isolation ON identity.member WITH CHECK (true)",
        ),
        ("sys_booking", "GRANT SELECT ON events.event TO sys_booking"),
        ("svc_booking", "GRANT DELETE ON events.event TO svc_booking"),
        (
            "svc_notification",
            "GRANT USAGE ON SCHEMA identity TO svc_notification;
             GRANT SELECT ON identity.session TO svc_notification",
        ),
        (
            "svc_notification",
            "REVOKE INSERT ON notification.opt_out FROM svc_notification",
        ),
        ("svc_identity", "ALTER ROLE svc_identity BYPASSRLS"),
        (
            "svc_realtime",
            "CREATE OR REPLACE FUNCTION app.current_org() RETURNS uuid LANGUAGE sql STABLE
             AS $$ SELECT nullif(current_setting('app.org_id', true), '')::uuid $$",
        ),
    ] {
        let mut planted = tx.begin().await.unwrap();
        run(&mut planted, defect).await.unwrap();
        let (_, wrong) = deviations(&mut planted, whose).await;
        assert!(!wrong.is_empty(), "not noticed: {defect}");
        planted.rollback().await.unwrap();
    }
}

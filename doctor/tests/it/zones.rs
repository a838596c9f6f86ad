//! Visits that were booked before a country changed its clock.

use jiff::tz::TimeZone;
use sqlx::AssertSqlSafe;
use voxanne_doctor::{Report, zones};
use voxanne_testkit::Database;

/// A summer's and a winter's visit at ten in London, one that was cancelled, and one that is over.
async fn visits() -> Database {
    let database = Database::fresh().await;
    let visit = |number: u8, local: &str, at: &str, status: &str| {
        format!(
            "('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-0000000000{number:02}',
              '{status}', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '{at}',
              '{at}'::timestamptz + interval '30 minutes', 'Europe/London', '{local}', 'api', '', 1, now())"
        )
    };
    let rows = [
        visit(11, "2096-07-02 10:00", "2096-07-02T09:00Z", "booked"),
        visit(12, "2096-12-03 10:00", "2096-12-03T10:00Z", "confirmed"),
        visit(13, "2096-07-02 11:00", "2096-07-02T10:00Z", "cancelled"),
        visit(14, "2006-07-02 10:00", "2006-07-02T09:00Z", "booked"),
    ];
    // What a visit belongs to is none of the examination's business.
    let insert = format!(
        "SET session_replication_role = replica;
         INSERT INTO booking.booking (org_id, id, status, provider_id, service_id, patient_id,
           starts_at, ends_at, time_zone, local_time, source, notes, version, created_at)
         VALUES {}",
        rows.join(", ")
    );
    let mut owner = database.owner().await;
    sqlx::raw_sql(AssertSqlSafe(insert))
        .execute(&mut owner)
        .await
        .unwrap();
    database
}

async fn examine(zone: impl Fn(&str) -> Option<TimeZone>) -> Report {
    let database = visits().await;
    zones::examine(&mut database.owner().await, zone)
        .await
        .unwrap()
}

#[tokio::test]
async fn trap_07_visits_whose_time_on_the_wall_changed_are_named() {
    let same = examine(|name| TimeZone::get(name).ok()).await;
    assert_eq!((same.rules, same.findings.len()), (2, 0), "{same:?}");
    // A version of the zones in which London has given up summer time.
    let without_summer = |name: &str| {
        assert_eq!(name, "Europe/London");
        TimeZone::posix("GMT0").ok()
    };
    let changed = examine(without_summer).await;
    let found: Vec<_> = changed.findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "promised time: bkg_00000000000000000000000000000011 of org_00000000000000000000000000000001: \
             2096-07-02T10:00:00 in Europe/London was promised, and it begins at 2096-07-02T09:00:00 \
             there; TO DO: move it to the promised time, or tell the patient the new one"
        ]
    );
    assert!(!changed.is_healthy());
    let gone = examine(|_| None).await;
    assert_eq!(gone.findings.len(), 2, "{gone:?}");
}

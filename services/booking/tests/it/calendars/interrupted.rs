//! A process that dies in the middle.

use jiff::SignedDuration;
use serde_json::json;
use voxanne_testkit::eventually;

use super::stage::{ADA, PHONE, Stage};
use crate::desk::TEN;

/// More events than two pages hold.
const MANY: usize = 520;

#[tokio::test]
async fn a_reading_that_is_interrupted_goes_on_with_the_next_page() {
    let mut stage = Stage::start().await;
    for hour in 0..MANY {
        let from = crate::desk::at(TEN) + SignedDuration::from_hours(i64::try_from(hour).unwrap());
        let to = from + SignedDuration::from_mins(10);
        stage
            .google
            .add(ADA, &from.to_string(), &to.to_string())
            .await;
    }
    stage.connect(&stage.acme, ADA).await;
    let busy = || stage.desk.count("booking.calendar_busy");
    assert_eq!(busy().await, i64::try_from(MANY).unwrap());
    // As a worker leaves it that dies after each page: what it had read of, and its lease.
    for page in [None, Some("page-250-520"), Some("page-500-520")] {
        let statement = "UPDATE booking.calendar SET sync_token = NULL, page_token = $1,
           sweep = sweep + 1, sweeping_since = $2, synced_at = NULL,
           run_at = $2, leased_until = $2::timestamptz + interval '1 minute'";
        let now = stage.later(SignedDuration::from_secs(1));
        let mut owner = stage.desk.database.owner().await;
        sqlx::query(statement)
            .bind(page)
            .bind(jiff_sqlx::ToSqlx::to_sqlx(now))
            .execute(&mut owner)
            .await
            .unwrap();
        // What the pages before it had met.
        let met = match page {
            None => 0,
            Some("page-250-520") => 250_i64,
            Some(_) => 500,
        };
        sqlx::query(
            "UPDATE booking.calendar_busy SET sweep = (SELECT max(sweep) FROM booking.calendar)
             WHERE event_id IN (SELECT event_id FROM booking.calendar_busy
                                ORDER BY lower(busy) LIMIT $1)",
        )
        .bind(met)
        .execute(&mut owner)
        .await
        .unwrap();
        stage.restart().await;
        stage.later(SignedDuration::from_mins(2));
        stage.synced_since(&stage.acme, now).await;
        let count = stage.desk.count("booking.calendar_busy").await;
        assert_eq!(count, i64::try_from(MANY).unwrap(), "{page:?}");
    }
}

#[tokio::test]
async fn a_write_that_is_interrupted_is_made_up_for() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    let booking = stage.book(&stage.acme, TEN).await;
    // As a worker leaves it that dies after Google took the event, before it was recorded.
    let now = stage.desk.clock.now();
    let forget = "UPDATE booking.calendar_event SET written = 'nothing', etag = NULL,
       google_updated = NULL, starts_at = NULL, ends_at = NULL, is_due = true, failures = 1,
       run_at = $1, leased_until = $1::timestamptz + interval '1 minute'";
    let mut owner = stage.desk.database.owner().await;
    sqlx::query(forget)
        .bind(jiff_sqlx::ToSqlx::to_sqlx(now))
        .execute(&mut owner)
        .await
        .unwrap();
    stage.poll(&stage.acme).await;
    stage.written(stage.acme.tenant.org()).await;
    assert_eq!(stage.google.events(ADA).await.len(), 1, "no copy");
    assert_eq!(stage.calendar(&stage.acme).await.conflicts, 0);
    // The same, and the patient cancels before anybody looks: the event must not stay behind.
    let now = stage.desk.clock.now();
    sqlx::query(forget)
        .bind(jiff_sqlx::ToSqlx::to_sqlx(now))
        .execute(&mut owner)
        .await
        .unwrap();
    stage
        .desk
        .cancel(&stage.acme.tenant, &booking.id)
        .await
        .unwrap();
    stage.later(SignedDuration::from_mins(2));
    stage.written(stage.acme.tenant.org()).await;
    assert!(stage.google.standing(ADA).await.is_empty());
}

#[tokio::test]
async fn bookings_go_on_while_google_is_down_and_are_written_afterwards() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    stage.google.fault("down", json!({})).await;
    stage
        .desk
        .book(&stage.acme.tenant, stage.acme.booking(TEN, PHONE))
        .await
        .unwrap();
    eventually("the first attempt has failed", || async {
        stage
            .desk
            .count("booking.calendar_event WHERE failures > 0 AND leased_until IS NULL")
            .await
            == 1
    })
    .await;
    stage.google.mend().await;
    eventually("the event is written", || async {
        stage.later(SignedDuration::from_secs(10));
        stage.google.standing(ADA).await.len() == 1
    })
    .await;
}

//! While Google cannot be asked.

use jiff::SignedDuration;
use serde_json::json;
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::eventually;

use super::stage::{ADA, BO, PHONE, Stage};
use crate::desk::TEN;

/// Lets so much time pass that what was known is old.
async fn grow_old(stage: &Stage) {
    for _ in 0..2 {
        stage.later(SignedDuration::from_mins(8));
    }
    eventually("what was known is unknown", || async {
        stage.calendar(&stage.acme).await.busy_is == "unknown"
    })
    .await;
}

#[tokio::test]
async fn trap_22_an_unreachable_calendar_is_not_free() {
    for mode in ["down", "error", "rate_limited"] {
        let stage = Stage::start().await;
        stage.connect(&stage.acme, ADA).await;
        assert!(stage.is_offered(&stage.acme, TEN).await);
        stage.google.fault(mode, json!({})).await;
        grow_old(&stage).await;
        assert!(!stage.is_offered(&stage.acme, TEN).await, "{mode}");
        let refused = stage
            .desk
            .book(&stage.acme.tenant, stage.acme.booking(TEN, PHONE))
            .await;
        assert_eq!(refused.unwrap_err().reason, "SLOT_TAKEN", "{mode}");
        // A clinic without a calendar does not notice.
        assert!(stage.is_offered(&stage.globex, TEN).await, "{mode}");
        let change = proto::UpdateCalendarRequest {
            when_unknown: Some("allow_and_flag".to_owned()),
            ..Default::default()
        };
        stage.update(&stage.acme, change).await;
        assert!(stage.is_offered(&stage.acme, TEN).await, "{mode}");
        assert_eq!(
            stage.calendar(&stage.acme).await.busy_is,
            "unknown",
            "{mode}"
        );
    }
}

#[tokio::test]
async fn a_withdrawn_consent_is_not_free_either() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    stage.google.forget(ADA, "consents").await;
    stage.later(SignedDuration::from_mins(5));
    stage.tells(&stage.acme, "calendar.degraded", 1).await;
    assert!(!stage.is_offered(&stage.acme, TEN).await);
}

#[tokio::test]
async fn a_failed_reading_leaves_what_was_read_and_where_it_goes_on() {
    let stage = Stage::start().await;
    stage.google.add(ADA, TEN, "2026-12-02T11:00:00Z").await;
    stage.connect(&stage.acme, ADA).await;
    let token = || async {
        let token: Option<String> = sqlx::query_scalar("SELECT sync_token FROM booking.calendar")
            .fetch_one(&mut stage.desk.database.owner().await)
            .await
            .unwrap();
        token
    };
    let before = token().await;
    assert!(before.is_some());
    stage.google.fault("error", json!({"count": 1})).await;
    stage.later(SignedDuration::from_mins(5));
    eventually("the reading has failed", || async {
        stage
            .desk
            .count("booking.calendar WHERE failures = 1")
            .await
            == 1
    })
    .await;
    assert_eq!(token().await, before);
    assert!(!stage.is_offered(&stage.acme, TEN).await);
    stage
        .google
        .add(ADA, "2026-12-03T10:00:00Z", "2026-12-03T11:00:00Z")
        .await;
    stage.poll(&stage.acme).await;
    assert!(!stage.is_offered(&stage.acme, "2026-12-03T10:00:00Z").await);
}

#[tokio::test]
async fn a_long_outage_is_told_once_and_so_is_its_end() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    stage.connect(&stage.globex, BO).await;
    stage.google.fault("error", json!({})).await;
    // Time passes until so many attempts have failed that the clinic is told.
    eventually("the outage is told", || async {
        stage.later(SignedDuration::from_mins(1));
        let told = stage.told(&stage.acme).await;
        told.iter().any(|(kind, _)| kind == "calendar.degraded")
    })
    .await;
    assert_eq!(stage.calendar(&stage.acme).await.state, "connected");
    stage.google.mend().await;
    eventually("the end is told", || async {
        stage.later(SignedDuration::from_mins(1));
        let told = stage.told(&stage.acme).await;
        told.iter()
            .filter(|(kind, _)| kind == "calendar.connected")
            .count()
            == 2
    })
    .await;
    let told = stage.told(&stage.acme).await;
    let kinds: Vec<_> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    let once = [
        "calendar.connected",
        "calendar.degraded",
        "calendar.connected",
    ];
    assert_eq!(kinds, once, "{told:?}");
    assert_eq!(stage.calendar(&stage.acme).await.busy_is, "known");
}

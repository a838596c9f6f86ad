//! Bookings in a calendar.

use jiff::SignedDuration;
use serde_json::json;
use voxanne_proto::booking::v1 as proto;

use super::stage::{ADA, BO, PHONE, Stage, event_id};
use crate::desk::TEN;

#[tokio::test]
async fn a_booking_stands_in_the_calendar_until_it_is_cancelled() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    let booking = stage.book(&stage.acme, TEN).await;
    let events = stage.google.standing(ADA).await;
    assert_eq!(events.len(), 1, "{events:?}");
    let event = &events[0];
    assert_eq!(event["id"], event_id(&booking));
    assert_eq!(event["start"]["dateTime"], "2026-12-02T10:00:00+00:00");
    assert_eq!(event["start"]["timeZone"], "Europe/London");
    assert_eq!(
        event["extendedProperties"]["private"]["bookingId"],
        booking.id
    );
    assert_eq!(event["summary"], "Appointment");
    let text = event.to_string();
    assert!(
        !text.contains("Lovelace") && !text.contains(PHONE),
        "{text}"
    );
    stage
        .desk
        .cancel(&stage.acme.tenant, &booking.id)
        .await
        .unwrap();
    stage.written(stage.acme.tenant.org()).await;
    assert!(stage.google.standing(ADA).await.is_empty());
}

#[tokio::test]
async fn what_was_booked_before_is_written_when_the_calendar_is_connected() {
    let stage = Stage::start().await;
    let booked = stage
        .desk
        .book(&stage.acme.tenant, stage.acme.booking(TEN, PHONE))
        .await;
    let elsewhere = stage
        .desk
        .book(&stage.globex.tenant, stage.globex.booking(TEN, PHONE))
        .await;
    stage.connect(&stage.acme, ADA).await;
    stage.connect(&stage.globex, BO).await;
    for (clinic, account, booking) in [
        (&stage.acme, ADA, booked.unwrap()),
        (&stage.globex, BO, elsewhere.unwrap()),
    ] {
        stage.written(clinic.tenant.org()).await;
        let events = stage.google.standing(account).await;
        let ids: Vec<_> = events.iter().map(|event| event["id"].clone()).collect();
        assert_eq!(ids, [event_id(&booking)]);
    }
}

#[tokio::test]
async fn an_answer_that_never_came_makes_no_copy() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    stage
        .google
        .fault("timeout_after_accept", json!({"count": 1, "ms": 0}))
        .await;
    let booked = stage
        .desk
        .book(&stage.acme.tenant, stage.acme.booking(TEN, PHONE))
        .await;
    voxanne_testkit::eventually("the fault has struck", || async {
        stage.google.faults_left().await == 0
    })
    .await;
    voxanne_testkit::eventually("the second attempt meets the first", || async {
        stage.later(SignedDuration::from_secs(1));
        let events = stage.google.standing(ADA).await;
        let due: i64 = stage
            .desk
            .count("booking.calendar_event WHERE is_due")
            .await;
        events.len() == 1 && due == 0
    })
    .await;
    let events = stage.google.events(ADA).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["id"], event_id(&booked.unwrap()));
}

#[tokio::test]
async fn a_patients_name_is_written_only_where_the_clinic_wants_it() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    stage.book(&stage.acme, TEN).await;
    for (shows_patients, title) in [(true, "Appointment: Ada Lovelace"), (false, "Appointment")] {
        let change = proto::UpdateCalendarRequest {
            shows_patients: Some(shows_patients),
            ..Default::default()
        };
        stage.update(&stage.acme, change).await;
        stage.written(stage.acme.tenant.org()).await;
        assert_eq!(stage.google.standing(ADA).await[0]["summary"], title);
    }
}

#[tokio::test]
async fn a_withdrawn_consent_waits_for_a_person_and_is_made_up_for() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    stage.connect(&stage.globex, BO).await;
    stage.google.forget(ADA, "consents").await;
    stage
        .desk
        .book(&stage.acme.tenant, stage.acme.booking(TEN, PHONE))
        .await
        .unwrap();
    stage.tells(&stage.acme, "calendar.degraded", 1).await;
    let calendar = stage.calendar(&stage.acme).await;
    assert_eq!(
        (&*calendar.state, &*calendar.busy_is),
        ("reconnect", "unknown")
    );
    assert!(!calendar.cause.is_empty());
    assert!(stage.google.events(ADA).await.is_empty());
    assert_eq!(stage.calendar(&stage.globex).await.state, "connected");
    assert!(
        stage
            .told(&stage.globex)
            .await
            .iter()
            .all(|(kind, _)| kind != "calendar.degraded")
    );
    stage.later(SignedDuration::from_mins(30));
    stage.connect(&stage.acme, ADA).await;
    stage.written(stage.acme.tenant.org()).await;
    assert_eq!(stage.google.standing(ADA).await.len(), 1);
    stage.tells(&stage.acme, "calendar.degraded", 1).await;
}

#[tokio::test]
async fn an_access_token_that_ends_early_is_replaced() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    stage.google.forget(ADA, "access_tokens").await;
    stage.book(&stage.acme, TEN).await;
    assert_eq!(stage.google.standing(ADA).await.len(), 1);
    assert_eq!(stage.calendar(&stage.acme).await.state, "connected");
}

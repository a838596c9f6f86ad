//! What people have in their own calendars.

use jiff::SignedDuration;
use serde_json::json;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::System;
use voxanne_testkit::eventually;

use super::stage::{ADA, BO, PHONE, Stage, event_id};
use crate::desk::{TEN, at};

const ELEVEN: &str = "2026-12-02T11:00:00Z";

#[tokio::test]
async fn trap_20_our_own_write_is_no_change() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    let booking = stage.book(&stage.acme, TEN).await;
    // Twice by change, and once by reading everything.
    stage.poll(&stage.acme).await;
    stage.poll(&stage.acme).await;
    stage.google.forget(ADA, "sync_tokens").await;
    stage.poll(&stage.acme).await;
    assert_eq!(stage.desk.count("booking.calendar_busy").await, 0);
    assert_eq!(stage.calendar(&stage.acme).await.conflicts, 0);
    let told = stage.told(&stage.acme).await;
    assert!(
        told.iter().all(|(kind, _)| kind == "calendar.connected"),
        "{told:?}"
    );
    assert_eq!(stage.google.standing(ADA).await.len(), 1);
    // It neither blocks nor cancels itself: the slot is free again once the booking is cancelled.
    stage
        .desk
        .cancel(&stage.acme.tenant, &booking.id)
        .await
        .unwrap();
    stage.written(stage.acme.tenant.org()).await;
    stage.poll(&stage.acme).await;
    assert!(stage.is_offered(&stage.acme, TEN).await);
}

#[tokio::test]
async fn what_somebody_has_in_their_calendar_is_not_offered_there_and_nowhere_else() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    stage.connect(&stage.globex, BO).await;
    let id = stage.google.add(ADA, TEN, ELEVEN).await;
    stage.poll(&stage.acme).await;
    stage.poll(&stage.globex).await;
    stage
        .synced_since(&stage.acme, stage.desk.clock.now())
        .await;
    assert!(!stage.is_offered(&stage.acme, TEN).await);
    assert!(stage.is_offered(&stage.acme, ELEVEN).await);
    assert!(stage.is_offered(&stage.globex, TEN).await);
    let refused = stage
        .desk
        .book(&stage.acme.tenant, stage.acme.booking(TEN, PHONE))
        .await;
    assert_eq!(refused.unwrap_err().reason, "SLOT_TAKEN");
    stage.google.delete(ADA, &id).await;
    stage.poll(&stage.acme).await;
    assert!(stage.is_offered(&stage.acme, TEN).await);
}

#[tokio::test]
async fn whole_days_and_free_time_are_read_as_what_they_are() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    let day = stage.google.add(ADA, TEN, ELEVEN).await;
    let whole = json!({
        "start": {"date": "2026-12-03", "dateTime": null},
        "end": {"date": "2026-12-05", "dateTime": null},
    });
    stage.google.change(ADA, &day, whole).await;
    let lunch = stage.google.add(ADA, TEN, ELEVEN).await;
    stage
        .google
        .change(ADA, &lunch, json!({"transparency": "transparent"}))
        .await;
    stage.poll(&stage.acme).await;
    assert!(stage.is_offered(&stage.acme, TEN).await);
    assert!(!stage.is_offered(&stage.acme, "2026-12-03T10:00:00Z").await);
    assert!(!stage.is_offered(&stage.acme, "2026-12-04T16:00:00Z").await);
}

#[tokio::test]
async fn trap_21_an_expired_token_finds_deletions_by_their_absence() {
    let stage = Stage::start().await;
    let gone = stage.google.add(ADA, TEN, ELEVEN).await;
    stage
        .google
        .add(ADA, "2026-12-03T10:00:00Z", "2026-12-03T11:00:00Z")
        .await;
    // Google rings, and nobody hears it.
    stage.google.fault("drop_callbacks", json!({})).await;
    stage.connect(&stage.acme, ADA).await;
    let booking = stage.book(&stage.acme, "2026-12-04T10:00:00Z").await;
    assert!(!stage.is_offered(&stage.acme, TEN).await);
    stage.google.delete(ADA, &gone).await;
    stage.google.delete(ADA, &event_id(&booking)).await;
    stage.google.forget(ADA, "sync_tokens").await;
    stage.poll(&stage.acme).await;
    assert!(stage.is_offered(&stage.acme, TEN).await);
    assert!(!stage.is_offered(&stage.acme, "2026-12-03T10:00:00Z").await);
    stage.tells(&stage.acme, "calendar.conflict", 1).await;
    let (_, told) = stage.told(&stage.acme).await.pop().unwrap();
    assert_eq!(told["change"], "deleted");
    assert_eq!(told["bookingId"], booking.id);
}

#[tokio::test]
async fn what_somebody_does_to_our_event_is_told_once_and_cancels_nobody() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    let moved = stage.book(&stage.acme, TEN).await;
    let deleted = stage.book(&stage.acme, ELEVEN).await;
    let later = json!({
        "start": {"dateTime": "2026-12-02T14:00:00Z"},
        "end": {"dateTime": "2026-12-02T14:30:00Z"},
    });
    stage.google.change(ADA, &event_id(&moved), later).await;
    stage.google.delete(ADA, &event_id(&deleted)).await;
    for _ in 0..2 {
        stage.poll(&stage.acme).await;
    }
    stage.google.forget(ADA, "sync_tokens").await;
    stage.poll(&stage.acme).await;
    let told = stage.told(&stage.acme).await;
    let mut conflicts: Vec<_> = told
        .iter()
        .filter(|(kind, _)| kind == "calendar.conflict")
        .map(|(_, data)| (data["bookingId"].clone(), data["change"].clone()))
        .collect();
    conflicts.sort_by_key(|(_, change)| change.to_string());
    let expected = [
        (json!(deleted.id), json!("deleted")),
        (json!(moved.id), json!("moved")),
    ];
    assert_eq!(conflicts, expected, "{told:?}");
    assert_eq!(stage.calendar(&stage.acme).await.conflicts, 2);
    let standing: i64 = stage
        .desk
        .count("booking.booking WHERE status = 'booked'")
        .await;
    assert_eq!(standing, 2, "no patient loses an appointment silently");
}

#[tokio::test]
async fn a_ring_has_the_calendar_read_before_the_poll_does() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    let channel = || async {
        let rows: Vec<(uuid::Uuid, String)> = sqlx::query_as(
            "SELECT channel_id, channel_resource FROM booking.calendar
             WHERE channel_id IS NOT NULL",
        )
        .fetch_all(&mut stage.desk.database.owner().await)
        .await
        .unwrap();
        rows
    };
    eventually("a channel is made", || async { channel().await.len() == 1 }).await;
    let (id, resource) = channel().await.remove(0);
    let connections = stage.google.connections(ADA).await;
    assert_eq!(connections["channels"][0]["id"], id.to_string());
    let ring = async |token: &str| {
        let message = proto::RingRequest {
            channel_id: id.to_string(),
            token: token.to_owned(),
            resource_id: resource.clone(),
        };
        let system = System::new("gateway", "test");
        let request = stage.desk.outbound.system_request(&system, message);
        stage.desk.calendars().ring(request).await.unwrap();
    };
    // What the channel was made with is known to Google alone, so the test makes it anew.
    let token = "t".repeat(43);
    sqlx::query("UPDATE booking.calendar SET channel_hash = sha256($1::bytea)")
        .bind(token.as_bytes())
        .execute(&mut stage.desk.database.owner().await)
        .await
        .unwrap();
    stage.google.add(ADA, TEN, ELEVEN).await;
    let run_at = || async {
        let at: jiff_sqlx::Timestamp = sqlx::query_scalar("SELECT run_at FROM booking.calendar")
            .fetch_one(&mut stage.desk.database.owner().await)
            .await
            .unwrap();
        at.to_jiff()
    };
    let before = run_at().await;
    for forged in ["", &"x".repeat(43), "short"] {
        ring(forged).await;
    }
    assert_eq!(
        run_at().await,
        before,
        "a ring without the token changes nothing"
    );
    let now = stage.later(SignedDuration::from_secs(1));
    assert!(now < before, "the poll is not due");
    ring(&token).await;
    stage.synced_since(&stage.acme, now).await;
    assert!(!stage.is_offered(&stage.acme, TEN).await);
    assert!(at(TEN) > now);
}

#[tokio::test]
async fn a_channel_is_renewed_before_it_ends() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    let ids = || async {
        let connections = stage.google.connections(ADA).await;
        let channels = connections["channels"].as_array().unwrap().clone();
        channels
            .iter()
            .map(|one| one["id"].to_string())
            .collect::<Vec<_>>()
    };
    eventually("a channel is made", || async { ids().await.len() == 1 }).await;
    let first = ids().await;
    stage.later(SignedDuration::from_hours(6 * 24 + 1));
    eventually("another one takes its place", || async {
        let now = ids().await;
        now.len() == 1 && now != first
    })
    .await;
}

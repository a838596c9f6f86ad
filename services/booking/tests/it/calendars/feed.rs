//! The private feed of a provider.

use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::System;

use super::stage::{ADA, PHONE, Stage};
use crate::desk::{Clinic, TEN};

async fn key(stage: &Stage, clinic: &Clinic) -> String {
    let message = proto::MakeFeedKeyRequest {
        provider_id: clinic.provider.clone(),
    };
    let request = stage.desk.ask(&clinic.tenant, message);
    let made = stage.desk.calendars().make_feed_key(request).await;
    made.unwrap().into_inner().key
}

async fn read(stage: &Stage, key: &str) -> Result<proto::ReadFeedResponse, Problem> {
    let message = proto::ReadFeedRequest {
        key: key.to_owned(),
    };
    let system = System::new("gateway", "test");
    let request = stage.desk.outbound.system_request(&system, message);
    Ok(stage
        .desk
        .calendars()
        .read_feed(request)
        .await?
        .into_inner())
}

#[tokio::test]
async fn a_key_opens_one_providers_feed_until_the_next_is_made() {
    let stage = Stage::start().await;
    let (acme, globex) = (
        key(&stage, &stage.acme).await,
        key(&stage, &stage.globex).await,
    );
    let booked = stage
        .desk
        .book(&stage.acme.tenant, stage.acme.booking(TEN, PHONE))
        .await;
    let booked = booked.unwrap();
    let feed = read(&stage, &acme).await.unwrap();
    assert_eq!(feed.org_id, stage.acme.tenant.org().to_string());
    assert!(
        feed.ics.contains(&format!("UID:{}@voxanne\r\n", booked.id)),
        "{}",
        feed.ics
    );
    assert!(feed.ics.contains("SUMMARY:Appointment\r\n"));
    assert!(!feed.ics.contains("Lovelace") && !feed.ics.contains(PHONE));
    assert_eq!(read(&stage, &acme).await.unwrap().etag, feed.etag);
    let elsewhere = read(&stage, &globex).await.unwrap();
    assert!(!elsewhere.ics.contains("VEVENT"), "{}", elsewhere.ics);
    let next = key(&stage, &stage.acme).await;
    for unknown in [acme.as_str(), "", "x", &"x".repeat(43)] {
        let refused = read(&stage, unknown).await.unwrap_err();
        assert_eq!(refused.reason, "FEED_NOT_FOUND");
    }
    stage
        .desk
        .cancel(&stage.acme.tenant, &booked.id)
        .await
        .unwrap();
    let after = read(&stage, &next).await.unwrap();
    assert!(!after.ics.contains("VEVENT"));
    assert_ne!(after.etag, feed.etag);
}

#[tokio::test]
async fn a_key_is_kept_as_a_hash_alone() {
    let stage = Stage::start().await;
    let key = key(&stage, &stage.acme).await;
    assert!(stage.calendar(&stage.acme).await.has_feed);
    let kept: Vec<u8> = sqlx::query_scalar("SELECT key_hash FROM booking.calendar_feed")
        .fetch_one(&mut stage.desk.database.owner().await)
        .await
        .unwrap();
    assert_eq!(kept.len(), 32);
    assert!(
        !kept
            .windows(8)
            .any(|part| key.as_bytes().windows(8).any(|own| own == part))
    );
}

#[tokio::test]
async fn names_are_in_the_feed_only_where_the_clinic_wants_them() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    let key = key(&stage, &stage.acme).await;
    stage.book(&stage.acme, TEN).await;
    let change = proto::UpdateCalendarRequest {
        shows_patients: Some(true),
        ..Default::default()
    };
    stage.update(&stage.acme, change).await;
    let feed = read(&stage, &key).await.unwrap();
    assert!(
        feed.ics.contains("SUMMARY:Appointment: Ada Lovelace"),
        "{}",
        feed.ics
    );
}

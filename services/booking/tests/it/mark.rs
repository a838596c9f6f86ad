//! What becomes of a booking in the course of its day.

use jiff::SignedDuration;
use voxanne_proto::booking::v1::Mark;
use voxanne_testkit::two_orgs;

use crate::desk::{Desk, TEN};

const PHONE: &str = "+14155550123";
/// Later on the day it is.
const NOON: &str = "2026-12-01T12:00:00Z";

async fn blocking(desk: &Desk) -> i64 {
    desk.count("booking.claim").await
}

#[tokio::test]
async fn a_patient_arrives_and_is_seen() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booked = desk
        .book(&clinic.tenant, clinic.booking(NOON, PHONE))
        .await
        .unwrap();
    let problem = desk
        .mark(&clinic.tenant, &booked.id, Mark::Completed)
        .await
        .unwrap_err();
    assert_eq!(problem.reason, "TOO_EARLY");
    for _ in 0..2 {
        let arrived = desk
            .mark(&clinic.tenant, &booked.id, Mark::Arrived)
            .await
            .unwrap();
        assert_eq!((&*arrived.status, arrived.version), ("arrived", 2));
    }
    desk.clock
        .set(desk.clock.now() + SignedDuration::from_hours(5));
    let seen = desk
        .mark(&clinic.tenant, &booked.id, Mark::Completed)
        .await
        .unwrap();
    assert_eq!((&*seen.status, seen.version), ("completed", 3));
    for mark in [Mark::NoShow, Mark::Declined] {
        let problem = desk
            .mark(&clinic.tenant, &booked.id, mark)
            .await
            .unwrap_err();
        assert_eq!(problem.reason, "BOOKING_NOT_ACTIVE");
    }
    let events = desk.events(&clinic.tenant).await;
    let kinds: Vec<_> = events.iter().map(|(kind, _)| &**kind).collect();
    assert_eq!(
        kinds,
        ["booking.created", "booking.arrived", "booking.completed"]
    );
    assert_eq!(blocking(&desk).await, 2, "the visit has taken place then");
}

#[tokio::test]
async fn who_does_not_come_blocks_nobody() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booked = desk
        .book(&clinic.tenant, clinic.booking(NOON, PHONE))
        .await
        .unwrap();
    desk.clock
        .set(desk.clock.now() + SignedDuration::from_hours(5));
    let problem = desk.cancel(&clinic.tenant, &booked.id).await.unwrap_err();
    assert_eq!(problem.reason, "BOOKING_STARTED");
    let missed = desk
        .mark(&clinic.tenant, &booked.id, Mark::NoShow)
        .await
        .unwrap();
    assert_eq!((&*missed.status, blocking(&desk).await), ("no_show", 0));
    let problem = desk
        .mark(&clinic.tenant, &booked.id, Mark::Arrived)
        .await
        .unwrap_err();
    assert_eq!(problem.reason, "BOOKING_NOT_ACTIVE");
}

/// Trap 19: what is over frees its time, and everything else keeps it.
#[tokio::test]
async fn trap_19_a_booking_blocks_exactly_while_it_is_on() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booked = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap();
    assert_eq!(blocking(&desk).await, 2, "the provider and the patient");
    desk.cancel(&clinic.tenant, &booked.id).await.unwrap();
    assert_eq!(blocking(&desk).await, 0);
    for (status, blocks) in [
        ("requested", true),
        ("booked", true),
        ("confirmed", true),
        ("arrived", true),
        ("completed", true),
        ("no_show", false),
        ("cancelled", false),
    ] {
        let again = desk
            .book(&clinic.tenant, clinic.booking(TEN, PHONE))
            .await
            .unwrap();
        let id: voxanne_ids::BookingId = again.id.parse().unwrap();
        sqlx::query("UPDATE booking.booking SET status = $2 WHERE id = $1")
            .bind(id)
            .bind(status)
            .execute(&mut desk.database.owner().await)
            .await
            .unwrap();
        let marked = desk.mark(&clinic.tenant, &again.id, Mark::Declined).await;
        let expected = if status == "requested" {
            "cancelled"
        } else {
            status
        };
        match marked {
            Ok(booking) => assert_eq!(booking.status, expected),
            Err(problem) => assert!(
                ["STATE_CONFLICT", "BOOKING_NOT_ACTIVE"].contains(&&*problem.reason),
                "{status}: {}",
                problem.reason
            ),
        }
        let kept = status != "requested";
        assert_eq!(blocking(&desk).await > 0, kept, "{status} {blocks}");
        sqlx::query("DELETE FROM booking.claim")
            .execute(&mut desk.database.owner().await)
            .await
            .unwrap();
    }
}

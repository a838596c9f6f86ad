//! What a model on the phone makes up.

use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use crate::desk::{Clinic, Desk, at, bad_fields, proto_at};

/// One minute before the clinic's year ends; in UTC the next one has begun.
const NOW: &str = "2027-01-01T04:59:00Z";

/// A clinic in New York that closes at nine in the evening.
async fn clinic(desk: &Desk) -> Clinic {
    let (acme, _) = two_orgs();
    let clinic = desk.clinic(&acme).await;
    let there = proto::UpdateLocationRequest {
        id: clinic.location.clone(),
        time_zone: Some("America/New_York".into()),
        ..Default::default()
    };
    let there = desk.ask(&acme, there);
    desk.clinics().update_location(there).await.unwrap();
    desk.clock.set(at(NOW));
    clinic
}

async fn find(desk: &Desk, clinic: &Clinic, request: proto::FindSlotsRequest) -> Found {
    let request = proto::FindSlotsRequest {
        from: proto_at(NOW),
        to: proto_at("2027-01-10T05:00:00Z"),
        call_id: "call-1".into(),
        ..request
    };
    desk.slots(&clinic.tenant, request).await
}

type Found = Result<proto::FindSlotsResponse, Problem>;

fn named(day: &str) -> proto::FindSlotsRequest {
    proto::FindSlotsRequest {
        day: day.into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn trap_09_a_day_that_is_named_is_the_clinics() {
    let desk = Desk::open().await;
    let clinic = clinic(&desk).await;
    for (day, date, first) in [
        ("today", "2026-12-31", None),
        ("tomorrow", "2027-01-01", Some("2027-01-01T09:00")),
        ("friday", "2027-01-01", Some("2027-01-01T09:00")),
        ("thursday", "2027-01-07", Some("2027-01-07T09:00")),
        ("saturday", "2027-01-02", None),
    ] {
        let found = find(&desk, &clinic, named(day)).await.unwrap();
        assert_eq!(found.date, date, "{day}");
        let starts = found.slots.first().map(|slot| &*slot.local_time);
        assert_eq!(starts, first, "{day}");
        assert!(
            found
                .slots
                .iter()
                .all(|slot| slot.local_time.starts_with(date)),
            "{day}: {found:?}"
        );
    }
    let unclear = find(&desk, &clinic, named("next tuesday")).await;
    assert_eq!(bad_fields(&unclear.unwrap_err()), ["day ONE_OF"]);
    let both = proto::FindSlotsRequest {
        date: "2027-01-01".into(),
        ..named("friday")
    };
    let both = find(&desk, &clinic, both).await.unwrap_err();
    assert_eq!(bad_fields(&both), ["day CONFLICT"]);
}

#[tokio::test]
async fn trap_09_a_slot_that_was_not_offered_in_this_call_books_nothing() {
    let desk = Desk::open().await;
    let clinic = clinic(&desk).await;
    let found = find(&desk, &clinic, named("tomorrow")).await.unwrap();
    let slot = found.slots[0].slot_id.clone();
    let book = |slot_id: &str, call_id: &str| proto::CreateBookingRequest {
        slot_id: slot_id.into(),
        call_id: call_id.into(),
        service_id: String::new(),
        provider_id: String::new(),
        starts_at: None,
        source: "voice".into(),
        ..clinic.booking(NOW, "+14155550123")
    };
    let mut made_up = slot.clone();
    made_up.replace_range(10..12, if &made_up[10..12] == "AA" { "BB" } else { "AA" });
    for (slot_id, call_id) in [
        ("slt_2027-01-01T09:00", "call-1"),
        (&*made_up, "call-1"),
        (&*slot, "call-2"),
    ] {
        let refused = desk.book(&clinic.tenant, book(slot_id, call_id)).await;
        let refused = bad_fields(&refused.unwrap_err());
        assert_eq!(refused, ["slotId SLOT_UNKNOWN"], "{slot_id}");
    }
    assert_eq!(desk.count("booking.booking").await, 0);
    let booked = desk
        .book(&clinic.tenant, book(&slot, "call-1"))
        .await
        .unwrap();
    assert_eq!(booked.local_time, "2027-01-01T09:00");
}

//! What else a visit needs: a room, an approval, a patient whom the service is for.
#![expect(clippy::disallowed_methods, reason = "tests stand in for the gateway")]

use std::collections::HashSet;

use voxanne_proto::booking::v1::{self as proto, Mark};
use voxanne_tenant::{Caller, Tenant};
use voxanne_testkit::two_orgs;

use crate::desk::{Desk, TEN, proto_at};

const PHONE: &str = "+14155550123";

fn anybody(request: proto::CreateBookingRequest) -> proto::CreateBookingRequest {
    proto::CreateBookingRequest {
        provider_id: String::new(),
        ..request
    }
}

/// Trap 17: several resources are taken all or none, and nobody waits in a circle.
#[tokio::test]
async fn trap_17_a_provider_and_a_room_are_taken_together_or_not_at_all() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    for number in 1..4 {
        desk.provider(&clinic.tenant, &format!("Dr. {number}"))
            .await;
    }
    for name in ["One", "Two"] {
        desk.room(&clinic.tenant, name, "x-ray").await;
    }
    let terms = proto::Terms {
        room_kind: Some("x-ray".into()),
        ..Default::default()
    };
    desk.terms(&clinic, terms).await;
    let calls = (0..12).map(|caller| {
        let phone = format!("+1415555{:04}", 2000 + caller);
        // Some ask for somebody, some for anybody, so that orders cross.
        let request = clinic.booking(TEN, &phone);
        let request = if caller % 3 == 0 {
            request
        } else {
            anybody(request)
        };
        desk.book(&clinic.tenant, request)
    });
    let answers = futures_util::future::join_all(calls).await;
    let (booked, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    let rooms: HashSet<_> = booked.iter().flatten().map(|one| &one.room_id).collect();
    assert_eq!(
        (booked.len(), rooms.len()),
        (2, 2),
        "four are there, and two rooms"
    );
    assert!(!rooms.contains(&String::new()));
    for problem in refused.into_iter().filter_map(Result::err) {
        assert_eq!(problem.reason, "SLOT_TAKEN");
    }
    assert_eq!(
        desk.count("booking.claim").await,
        6,
        "nothing was taken by halves"
    );
    let id = &booked[0].as_ref().unwrap().id;
    desk.cancel(&clinic.tenant, id).await.unwrap();
    let again = anybody(clinic.booking(TEN, "+14155550199"));
    desk.book(&clinic.tenant, again)
        .await
        .expect("a room is free again");
}

#[tokio::test]
async fn a_moved_booking_takes_a_room_that_is_free_then() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    desk.provider(&clinic.tenant, "Dr. Adams").await;
    desk.room(&clinic.tenant, "One", "x-ray").await;
    let terms = proto::Terms {
        room_kind: Some("x-ray".into()),
        ..Default::default()
    };
    desk.terms(&clinic, terms).await;
    let eleven = "2026-12-02T11:00:00Z";
    let one = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap();
    let other = anybody(clinic.booking(eleven, "+14155550199"));
    let other = desk.book(&clinic.tenant, other).await.unwrap();
    let to_eleven = proto::RescheduleBookingRequest {
        id: one.id.clone(),
        starts_at: proto_at(eleven),
        ..Default::default()
    };
    let problem = desk
        .reschedule(&clinic.tenant, to_eleven.clone())
        .await
        .unwrap_err();
    assert_eq!(problem.reason, "SLOT_TAKEN", "the only room is taken then");
    desk.cancel(&clinic.tenant, &other.id).await.unwrap();
    let moved = desk.reschedule(&clinic.tenant, to_eleven).await.unwrap();
    assert_eq!(moved.room_id, one.room_id);
}

#[tokio::test]
async fn what_needs_approval_is_requested_and_takes_its_time_all_the_same() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let terms = proto::Terms {
        approval: Some("approval".into()),
        ..Default::default()
    };
    desk.terms(&clinic, terms).await;
    let call = Tenant::authenticated(clinic.tenant.org(), Caller::Call("call-1".into()), "test");
    let asked = desk.book(&call, clinic.booking(TEN, PHONE)).await.unwrap();
    assert_eq!(asked.status, "requested");
    let problem = desk
        .book(&clinic.tenant, clinic.booking(TEN, "+14155550199"))
        .await
        .unwrap_err();
    assert_eq!(problem.reason, "SLOT_TAKEN");
    let approved = desk
        .mark(&clinic.tenant, &asked.id, Mark::Approved)
        .await
        .unwrap();
    assert_eq!((&*approved.status, approved.version), ("booked", 2));
    let own = clinic.booking("2026-12-02T11:00:00Z", "+14155550199");
    let own = desk.book(&clinic.tenant, own).await.unwrap();
    assert_eq!(own.status, "booked", "staff approve what they book");
    let events = desk.events(&clinic.tenant).await;
    let kinds: Vec<_> = events.iter().map(|(kind, _)| &**kind).collect();
    assert_eq!(
        kinds,
        ["booking.requested", "booking.approved", "booking.created"]
    );
}

#[tokio::test]
async fn a_service_may_be_for_new_or_for_known_patients_only() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let only = |patients: &str| proto::Terms {
        patients: Some(patients.into()),
        ..Default::default()
    };
    let noon = "2026-12-01T12:00:00Z";
    desk.terms(&clinic, only("returning")).await;
    let problem = desk
        .book(&clinic.tenant, clinic.booking(noon, PHONE))
        .await
        .unwrap_err();
    assert_eq!(problem.reason, "PATIENT_NOT_ELIGIBLE");
    assert_eq!(desk.count("booking.patient").await, 0);
    desk.terms(&clinic, only("new")).await;
    let first = desk
        .book(&clinic.tenant, clinic.booking(noon, PHONE))
        .await
        .unwrap();
    desk.mark(&clinic.tenant, &first.id, Mark::Arrived)
        .await
        .unwrap();
    let problem = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap_err();
    assert_eq!(problem.reason, "PATIENT_NOT_ELIGIBLE");
    desk.terms(&clinic, only("returning")).await;
    desk.book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_daily_limit_holds_for_all_who_come_at_once() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let terms = proto::Terms {
        daily_limit: Some(3),
        ..Default::default()
    };
    desk.terms(&clinic, terms).await;
    let calls = (0..8).map(|caller| {
        let start = format!("2026-12-02T{:02}:00:00Z", 9 + caller);
        let request = clinic.booking(&start, &format!("+1415555{:04}", 2000 + caller));
        desk.book(&clinic.tenant, request)
    });
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().flatten().count(), 3);
    for problem in answers.into_iter().filter_map(Result::err) {
        assert_eq!(problem.reason, "SLOT_TAKEN");
    }
}

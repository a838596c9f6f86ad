//! Moving bookings.

use std::sync::atomic::{AtomicUsize, Ordering};

use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use crate::desk::{Clinic, Desk, TEN, bad_fields, proto_at};

const PHONE: &str = "+14155550123";
const ELEVEN: &str = "2026-12-02T11:00:00Z";

fn to(id: &str, start: &str) -> proto::RescheduleBookingRequest {
    proto::RescheduleBookingRequest {
        id: id.into(),
        starts_at: proto_at(start),
        ..Default::default()
    }
}

async fn booked(desk: &Desk, clinic: &Clinic, start: &str, phone: &str) -> String {
    let booking = desk
        .book(&clinic.tenant, clinic.booking(start, phone))
        .await;
    booking.unwrap().id
}

async fn read(desk: &Desk, clinic: &Clinic, id: &str) -> proto::Booking {
    let request = proto::GetBookingRequest { id: id.into() };
    let answer = desk
        .bookings()
        .get_booking(desk.ask(&clinic.tenant, request))
        .await;
    answer.unwrap().into_inner().booking.unwrap()
}

#[tokio::test]
async fn a_moved_booking_frees_its_old_time_and_says_where_it_was() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let id = booked(&desk, &clinic, TEN, PHONE).await;
    let request = proto::RescheduleBookingRequest {
        reason: "patient asked".into(),
        version: Some(1),
        ..to(&id, ELEVEN)
    };
    let moved = desk.reschedule(&clinic.tenant, request).await.unwrap();
    assert_eq!(
        (&*moved.id, &*moved.status, moved.version),
        (&*id, "booked", 2)
    );
    assert_eq!(moved.local_time, "2026-12-02T11:00");
    let last = moved.history.last().unwrap();
    assert_eq!(
        (&last.moved_from, &*last.reason),
        (&proto_at(TEN), "patient asked")
    );
    booked(&desk, &clinic, TEN, "+14155550199").await;
    let again = desk
        .reschedule(&clinic.tenant, to(&id, ELEVEN))
        .await
        .unwrap();
    assert_eq!(again.version, 2, "it is there already");
    let kinds: Vec<_> = desk.events(&clinic.tenant).await;
    let (kind, data) = &kinds[1];
    assert_eq!(kind, "booking.rescheduled");
    assert_eq!(data["movedFrom"], TEN);
    assert_eq!(kinds.len(), 3);
}

/// Trap 14: a move is one update; when it fails, the old booking stays.
#[tokio::test]
async fn trap_14_a_failed_move_leaves_the_old_booking() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let id = booked(&desk, &clinic, TEN, PHONE).await;
    booked(&desk, &clinic, ELEVEN, "+14155550199").await;
    let problem = desk
        .reschedule(&clinic.tenant, to(&id, ELEVEN))
        .await
        .unwrap_err();
    assert_eq!(problem.reason, "SLOT_TAKEN");
    assert!(problem.extension.unwrap().contains("2026-12-02T11:30:00Z"));
    let kept = read(&desk, &clinic, &id).await;
    assert_eq!((kept.version, kept.starts_at), (1, proto_at(TEN)));
    let problem = desk
        .book(&clinic.tenant, clinic.booking(TEN, "+14155550188"))
        .await
        .unwrap_err();
    assert_eq!(problem.reason, "SLOT_TAKEN", "its time is still its own");
    assert_eq!(desk.events(&clinic.tenant).await.len(), 2);
}

/// Trap 14: a booking may move into a part of its own time.
#[tokio::test]
async fn trap_14_a_move_into_its_own_time_is_free() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let long = desk.service(&clinic.tenant, "Long", (60, 15, 15)).await;
    let request = proto::CreateBookingRequest {
        service_id: long,
        ..clinic.booking(TEN, PHONE)
    };
    let id = desk.book(&clinic.tenant, request).await.unwrap().id;
    let request = proto::RescheduleBookingRequest {
        overbook_reason: "quarter past suits better".into(),
        ..to(&id, "2026-12-02T10:15:00Z")
    };
    let moved = desk.reschedule(&clinic.tenant, request).await.unwrap();
    assert_eq!(moved.local_time, "2026-12-02T10:15");
    let moved = desk.reschedule(&clinic.tenant, to(&id, TEN)).await.unwrap();
    assert_eq!((moved.version, moved.overbooked), (3, false));
}

/// D7: two that want each other's time.
#[tokio::test]
async fn two_bookings_that_want_each_others_time_do_not_deadlock() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let one = booked(&desk, &clinic, TEN, PHONE).await;
    let two = booked(&desk, &clinic, ELEVEN, "+14155550199").await;
    for _ in 0..8 {
        let swapped = tokio::join!(
            desk.reschedule(&clinic.tenant, to(&one, ELEVEN)),
            desk.reschedule(&clinic.tenant, to(&two, TEN)),
        );
        for moved in [swapped.0, swapped.1] {
            assert_eq!(moved.unwrap_err().reason, "SLOT_TAKEN");
        }
    }
    assert_eq!(read(&desk, &clinic, &one).await.starts_at, proto_at(TEN));
    assert_eq!(read(&desk, &clinic, &two).await.starts_at, proto_at(ELEVEN));
}

/// I4: moving never loses a booking, whoever else wants its time.
#[tokio::test]
async fn i4_moving_never_loses_a_booking() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let mut ids = Vec::new();
    for (number, start) in [TEN, ELEVEN, "2026-12-02T12:00:00Z"].iter().enumerate() {
        ids.push(booked(&desk, &clinic, start, &format!("+1415555020{number}")).await);
    }
    let newcomers = AtomicUsize::new(0);
    let moves = (0..24).map(|number: usize| {
        let (desk, clinic, ids, newcomers) = (&desk, &clinic, &ids, &newcomers);
        async move {
            let start = format!(
                "2026-12-02T{:02}:{:02}:00Z",
                9 + number % 8,
                number % 2 * 30
            );
            if number.is_multiple_of(3) {
                let phone = format!("+141555503{number:02}");
                let new = desk
                    .book(&clinic.tenant, clinic.booking(&start, &phone))
                    .await;
                newcomers.fetch_add(usize::from(new.is_ok()), Ordering::Relaxed);
                return;
            }
            let moved: Result<_, Problem> = desk
                .reschedule(&clinic.tenant, to(&ids[number % 3], &start))
                .await;
            if let Err(problem) = moved {
                assert_eq!(problem.reason, "SLOT_TAKEN");
            }
        }
    });
    futures_util::future::join_all(moves).await;
    let (bookings, claims): (i64, i64) = sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE EXISTS (
           SELECT FROM booking.claim
           WHERE claim.booking_id = booking.id AND claim.provider_id = booking.provider_id
             AND claim.busy_from = booking.starts_at AND claim.busy_to = booking.ends_at))
         FROM booking.booking",
    )
    .fetch_one(&mut desk.database.owner().await)
    .await
    .unwrap();
    let all = i64::try_from(3 + newcomers.into_inner()).unwrap();
    assert_eq!(
        (bookings, claims),
        (all, all),
        "each has exactly the time it says"
    );
}

#[tokio::test]
async fn a_move_to_where_nobody_works_is_refused_with_the_field() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let id = booked(&desk, &clinic, TEN, PHONE).await;
    for (start, wanted) in [
        ("2026-12-01T07:00:00Z", "startsAt IN_PAST"),
        ("2026-12-05T10:00:00Z", "startsAt OUTSIDE_HOURS"),
        ("2026-12-02T10:10:00Z", "startsAt OFF_GRID"),
        ("2028-12-02T10:00:00Z", "startsAt TOO_FAR"),
    ] {
        let problem = desk
            .reschedule(&clinic.tenant, to(&id, start))
            .await
            .unwrap_err();
        assert_eq!(bad_fields(&problem), [wanted]);
    }
    let both = proto::RescheduleBookingRequest {
        slot_id: "slt_AAAA".into(),
        reason: "x".repeat(501),
        ..to(&id, ELEVEN)
    };
    let problem = desk.reschedule(&clinic.tenant, both).await.unwrap_err();
    assert_eq!(bad_fields(&problem), ["slotId NOT_ALONE", "reason REASON"]);
    assert_eq!(read(&desk, &clinic, &id).await.version, 1);
}

#[tokio::test]
async fn a_slot_of_another_service_and_another_clinics_booking_are_not_found() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    let (acme, globex) = (desk.clinic(&acme).await, desk.clinic(&globex).await);
    let id = booked(&desk, &acme, TEN, PHONE).await;
    let problem = desk
        .reschedule(&globex.tenant, to(&id, ELEVEN))
        .await
        .unwrap_err();
    assert_eq!(problem.reason, "BOOKING_NOT_FOUND");
    let other = desk.service(&acme.tenant, "Other", (30, 0, 0)).await;
    let wanted = proto::FindSlotsRequest {
        service_id: other,
        ..acme.wanted(ELEVEN, "2026-12-02T12:00:00Z")
    };
    let slots = desk.slots(&acme.tenant, wanted).await.unwrap().slots;
    let request = proto::RescheduleBookingRequest {
        id: id.clone(),
        slot_id: slots[0].slot_id.clone(),
        ..Default::default()
    };
    let problem = desk.reschedule(&acme.tenant, request).await.unwrap_err();
    assert_eq!(problem.reason, "SERVICE_NOT_FOUND");
    let slots = desk
        .slots(&acme.tenant, acme.wanted(ELEVEN, "2026-12-02T12:00:00Z"))
        .await;
    let request = proto::RescheduleBookingRequest {
        id,
        slot_id: slots.unwrap().slots[0].slot_id.clone(),
        ..Default::default()
    };
    let moved = desk.reschedule(&acme.tenant, request).await.unwrap();
    assert_eq!(moved.local_time, "2026-12-02T11:00");
}

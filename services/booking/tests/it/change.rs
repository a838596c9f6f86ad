//! Confirming and cancelling.

use voxanne_problem::{Kind, Problem};
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use crate::desk::{Clinic, Desk, TEN, bad_fields};

const PHONE: &str = "+14155550123";

async fn confirm(
    desk: &Desk,
    clinic: &Clinic,
    id: &str,
    version: Option<i64>,
) -> Result<proto::Booking, Problem> {
    let request = proto::ConfirmBookingRequest {
        id: id.into(),
        version,
    };
    let answer = desk
        .bookings()
        .confirm_booking(desk.ask(&clinic.tenant, request))
        .await?;
    Ok(answer.into_inner().booking.unwrap())
}

async fn cancel(
    desk: &Desk,
    clinic: &Clinic,
    request: proto::CancelBookingRequest,
) -> Result<proto::Booking, Problem> {
    let answer = desk
        .bookings()
        .cancel_booking(desk.ask(&clinic.tenant, request))
        .await?;
    Ok(answer.into_inner().booking.unwrap())
}

#[tokio::test]
async fn a_booking_is_confirmed_once_and_its_history_grows() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let id = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap()
        .id;
    for _ in 0..2 {
        let booking = confirm(&desk, &clinic, &id, None).await.unwrap();
        assert_eq!((&*booking.status, booking.version), ("confirmed", 2));
    }
    let request = proto::CancelBookingRequest {
        id: id.clone(),
        version: Some(2),
        reason: "is ill".into(),
    };
    let booking = cancel(&desk, &clinic, request).await.unwrap();
    let history: Vec<_> = booking
        .history
        .iter()
        .map(|one| (&*one.status, &*one.reason))
        .collect();
    assert_eq!(
        history,
        [("booked", ""), ("confirmed", ""), ("cancelled", "is ill")]
    );
    let events = desk.events(&clinic.tenant).await;
    let events: Vec<_> = events
        .iter()
        .map(|(kind, data)| (&**kind, data["version"].as_i64()))
        .collect();
    assert_eq!(
        events,
        [
            ("booking.created", Some(1)),
            ("booking.confirmed", Some(2)),
            ("booking.cancelled", Some(3))
        ]
    );
}

#[tokio::test]
async fn a_cancelled_slot_is_free_again() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let first = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap();
    for _ in 0..2 {
        let cancelled = desk.cancel(&clinic.tenant, &first.id).await.unwrap();
        assert_eq!((&*cancelled.status, cancelled.version), ("cancelled", 2));
    }
    let second = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap();
    assert_ne!(second.id, first.id);
    let problem = confirm(&desk, &clinic, &first.id, None).await.unwrap_err();
    assert_eq!(
        (problem.kind, &*problem.reason),
        (Kind::Conflict, "BOOKING_NOT_ACTIVE")
    );
}

#[tokio::test]
async fn a_stale_version_changes_nothing() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let id = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap()
        .id;
    confirm(&desk, &clinic, &id, Some(1)).await.unwrap();
    let request = proto::CancelBookingRequest {
        id: id.clone(),
        version: Some(1),
        reason: String::new(),
    };
    let problem = cancel(&desk, &clinic, request).await.unwrap_err();
    assert_eq!(
        (problem.kind, &*problem.reason),
        (Kind::Conflict, "STALE_VERSION")
    );
    let problem = confirm(&desk, &clinic, &id, Some(7)).await.unwrap_err();
    assert_eq!(problem.reason, "STALE_VERSION");
    assert_eq!(desk.events(&clinic.tenant).await.len(), 2);
}

#[tokio::test]
async fn trap_15_of_two_who_saw_the_same_version_one_loses() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let id = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap()
        .id;
    let request = proto::CancelBookingRequest {
        id: id.clone(),
        version: Some(1),
        reason: String::new(),
    };
    let (confirmed, cancelled) = tokio::join!(
        confirm(&desk, &clinic, &id, Some(1)),
        cancel(&desk, &clinic, request)
    );
    assert!(confirmed.is_ok() != cancelled.is_ok());
    let lost = confirmed.err().or(cancelled.err()).unwrap();
    assert_eq!(lost.reason, "STALE_VERSION");
}

#[tokio::test]
async fn a_reason_is_bounded_and_an_unknown_booking_is_not_found() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let id = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap()
        .id;
    let request = proto::CancelBookingRequest {
        id,
        version: None,
        reason: "x".repeat(501),
    };
    let problem = cancel(&desk, &clinic, request).await.unwrap_err();
    assert_eq!(bad_fields(&problem), ["reason REASON"]);
    for id in ["", "nonsense", "bkg_00000000000000000000000000000000"] {
        let problem = confirm(&desk, &clinic, id, None).await.unwrap_err();
        assert_eq!(
            (problem.kind, &*problem.reason),
            (Kind::NotFound, "BOOKING_NOT_FOUND"),
            "{id}"
        );
    }
}

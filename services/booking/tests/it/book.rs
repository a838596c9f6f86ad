//! Booking a slot.

use voxanne_clock::from_proto;
use voxanne_proto::booking::v1::{self as proto, create_booking_request::Who};
use voxanne_testkit::two_orgs;

use crate::desk::{Desk, TEN, at};

const PHONE: &str = "+14155550123";

#[tokio::test]
async fn a_booking_says_what_was_agreed_and_is_announced() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let request = proto::CreateBookingRequest {
        notes: "first visit".into(),
        source: "dashboard".into(),
        ..clinic.booking(TEN, "(415) 555-0123")
    };
    let booking = desk.book(&clinic.tenant, request).await.unwrap();
    assert!(booking.id.starts_with("bkg_"));
    assert_eq!((&*booking.status, booking.version), ("booked", 1));
    assert_eq!(
        (&*booking.local_time, &*booking.time_zone),
        ("2026-12-02T10:00", "Europe/London")
    );
    assert_eq!(
        (&*booking.provider_name, &*booking.service_name),
        ("Dr. Lee", "Check-up")
    );
    assert_eq!(
        (&*booking.source, &*booking.notes),
        ("dashboard", "first visit")
    );
    let ends_at = from_proto(&booking.ends_at.unwrap()).unwrap();
    assert_eq!(ends_at, at("2026-12-02T10:30:00Z"));
    let patient = booking.patient.unwrap();
    assert_eq!((&*patient.name, &*patient.phone), ("Ada Lovelace", PHONE));
    assert_eq!(booking.history.len(), 1);
    assert!(booking.history[0].actor.starts_with("user:usr_"));
    let events = desk.events(&clinic.tenant).await;
    assert_eq!(
        events,
        [(
            "booking.created".to_owned(),
            serde_json::json!({
                "bookingId": booking.id, "status": "booked", "version": 1, "source": "dashboard",
                "startsAt": "2026-12-02T10:00:00Z", "endsAt": "2026-12-02T10:30:00Z",
                "providerId": clinic.provider, "serviceId": clinic.service,
            })
        )]
    );
}

#[tokio::test]
async fn the_same_number_and_name_is_the_same_patient() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let named = |start: &str, name: &str| proto::CreateBookingRequest {
        who: Some(Who::Patient(proto::BookedPatient {
            name: name.into(),
            phone: PHONE.into(),
            email: String::new(),
            ..Default::default()
        })),
        ..clinic.booking(start, PHONE)
    };
    let mut ids = Vec::new();
    for (start, name) in [
        (TEN, "Ada Lovelace"),
        ("2026-12-02T11:00:00Z", "ada  LOVELACE"),
        ("2026-12-02T12:00:00Z", "Byron Lovelace"),
    ] {
        let booking = desk.book(&clinic.tenant, named(start, name)).await.unwrap();
        ids.push(booking.patient.unwrap().id);
    }
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    let known = proto::CreateBookingRequest {
        who: Some(Who::PatientId(ids[2].clone())),
        ..clinic.booking("2026-12-02T13:00:00Z", PHONE)
    };
    let booking = desk.book(&clinic.tenant, known).await.unwrap();
    assert_eq!(booking.patient.unwrap().name, "Byron Lovelace");
}

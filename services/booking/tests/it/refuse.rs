//! What cannot be booked, and how that is said.

use voxanne_problem::Kind;
use voxanne_proto::booking::v1::{self as proto, create_booking_request::Who};
use voxanne_testkit::two_orgs;

use crate::desk::{Desk, TEN, bad_fields, proto_at};

const PHONE: &str = "+14155550123";

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let request = proto::CreateBookingRequest {
        service_id: "svc_nonsense".into(),
        provider_id: "prv_nonsense".into(),
        who: Some(Who::Patient(proto::BookedPatient {
            name: "\0".into(),
            phone: "12".into(),
            email: "nobody".into(),
            ..Default::default()
        })),
        notes: "x".repeat(2001),
        source: "fax".into(),
        call_id: "a b".into(),
        ..Default::default()
    };
    let problem = desk.book(&clinic.tenant, request).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Invalid);
    assert_eq!(
        bad_fields(&problem),
        [
            "callId CALL_ID",
            "serviceId ID",
            "providerId ID",
            "startsAt REQUIRED",
            "patient.name NAME",
            "patient.phone PHONE",
            "patient.email EMAIL",
            "notes NOTES",
            "source SOURCE",
        ]
    );
    let nothing = desk
        .book(&clinic.tenant, proto::CreateBookingRequest::default())
        .await;
    assert_eq!(
        bad_fields(&nothing.unwrap_err()),
        [
            "serviceId REQUIRED",
            "startsAt REQUIRED",
            "patient REQUIRED"
        ]
    );
}

#[tokio::test]
async fn a_start_that_is_not_offered_is_refused() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    for (start, code) in [
        ("2026-12-02T10:05:00Z", "startsAt OFF_GRID"),
        ("2026-12-02T10:00:00.000001Z", "startsAt OFF_GRID"),
        ("2026-12-02T17:00:00Z", "startsAt OUTSIDE_HOURS"),
        ("2026-12-05T10:00:00Z", "startsAt OUTSIDE_HOURS"),
        ("2026-11-30T10:00:00Z", "startsAt IN_PAST"),
        ("2028-02-01T10:00:00Z", "startsAt TOO_FAR"),
        ("9990-02-01T10:00:00Z", "startsAt TOO_FAR"),
        ("-005000-02-01T10:00:00Z", "startsAt TIME"),
    ] {
        let refused = desk
            .book(&clinic.tenant, clinic.booking(start, PHONE))
            .await;
        assert_eq!(bad_fields(&refused.unwrap_err()), [code], "{start}");
    }
    assert_eq!(desk.count("booking.patient").await, 0);
}

#[tokio::test]
async fn what_is_switched_off_is_not_booked() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let off = proto::UpdateProviderRequest {
        id: clinic.provider.clone(),
        active: Some(false),
        ..Default::default()
    };
    desk.clinics()
        .update_provider(desk.ask(&clinic.tenant, off))
        .await
        .unwrap();
    for provider_id in [clinic.provider.clone(), String::new()] {
        let request = proto::CreateBookingRequest {
            provider_id,
            ..clinic.booking(TEN, PHONE)
        };
        let problem = desk.book(&clinic.tenant, request).await.unwrap_err();
        assert_eq!(
            (problem.kind, &*problem.reason),
            (Kind::NotFound, "PROVIDER_NOT_FOUND")
        );
    }
    let off = proto::UpdateServiceRequest {
        id: clinic.service.clone(),
        active: Some(false),
        ..Default::default()
    };
    desk.clinics()
        .update_service(desk.ask(&clinic.tenant, off))
        .await
        .unwrap();
    let problem = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap_err();
    assert_eq!(problem.reason, "SERVICE_NOT_FOUND");
}

#[tokio::test]
async fn a_slot_id_is_good_for_its_call_only() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let wanted = proto::FindSlotsRequest {
        call_id: "call-1".into(),
        ..clinic.wanted("2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z")
    };
    let slot = desk
        .slots(&clinic.tenant, wanted)
        .await
        .unwrap()
        .slots
        .remove(0);
    let request = |slot_id: &str, call_id: &str| proto::CreateBookingRequest {
        slot_id: slot_id.into(),
        call_id: call_id.into(),
        who: clinic.booking(TEN, PHONE).who,
        ..Default::default()
    };
    let mut forged = slot.slot_id.clone();
    let other = if forged.contains("slt_A") {
        "slt_B"
    } else {
        "slt_A"
    };
    forged.replace_range(..other.len(), other);
    for (slot_id, call_id) in [
        (&*slot.slot_id, "call-2"),
        (&slot.slot_id, ""),
        (&forged, "call-1"),
        ("slt_1", "call-1"),
    ] {
        let refused = desk.book(&clinic.tenant, request(slot_id, call_id)).await;
        assert_eq!(
            bad_fields(&refused.unwrap_err()),
            ["slotId SLOT_UNKNOWN"],
            "{slot_id}"
        );
    }
    let both = proto::CreateBookingRequest {
        starts_at: proto_at(TEN),
        ..request(&slot.slot_id, "call-1")
    };
    let refused = desk.book(&clinic.tenant, both).await.unwrap_err();
    assert_eq!(bad_fields(&refused), ["slotId NOT_ALONE"]);
    let booked = desk
        .book(&clinic.tenant, request(&slot.slot_id, "call-1"))
        .await
        .unwrap();
    assert_eq!(booked.starts_at, slot.starts_at);
    assert_eq!(booked.call_id, "call-1");
}

//! Staff who book over what is taken, and patients who are in one place at a time.
#![expect(clippy::disallowed_methods, reason = "tests stand in for the gateway")]

use voxanne_proto::booking::v1::{self as proto, create_booking_request::Who};
use voxanne_tenant::{Caller, Tenant};
use voxanne_testkit::two_orgs;

use crate::desk::{Desk, TEN, bad_fields};

const PHONE: &str = "+14155550123";
const SUNDAY: &str = "2026-12-06T10:00:00Z";

/// A patient's call to the same clinic.
fn caller(tenant: &Tenant) -> Tenant {
    Tenant::authenticated(tenant.org(), Caller::Call("call-1".into()), "test")
}

fn urgent(request: proto::CreateBookingRequest) -> proto::CreateBookingRequest {
    proto::CreateBookingRequest {
        overbook_reason: "in pain".into(),
        ..request
    }
}

#[tokio::test]
async fn staff_overbook_with_a_reason_that_stays_in_the_history() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    desk.book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap();
    let other = clinic.booking(TEN, "+14155550199");
    let over = desk
        .book(&clinic.tenant, urgent(other.clone()))
        .await
        .unwrap();
    assert!(over.overbooked);
    assert_eq!(over.history[0].reason, "in pain");
    for start in [SUNDAY, "2026-12-02T10:07:00Z"] {
        let off = clinic.booking(start, "+14155550188");
        desk.book(&clinic.tenant, urgent(off))
            .await
            .expect("outside of hours and grid");
    }
    let problem = desk.book(&clinic.tenant, other).await.unwrap_err();
    assert_eq!(problem.reason, "SLOT_TAKEN");
    let past = urgent(clinic.booking("2026-12-01T07:00:00Z", PHONE));
    let problem = desk.book(&clinic.tenant, past).await.unwrap_err();
    assert_eq!(bad_fields(&problem), ["startsAt IN_PAST"]);
}

#[tokio::test]
async fn what_is_overbooked_is_not_offered_when_the_first_visit_is_cancelled() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let first = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap();
    let over = urgent(clinic.booking(TEN, "+14155550199"));
    desk.book(&clinic.tenant, over).await.unwrap();
    desk.cancel(&clinic.tenant, &first.id).await.unwrap();
    let third = clinic.booking(TEN, "+14155550188");
    let problem = desk.book(&clinic.tenant, third).await.unwrap_err();
    assert_eq!(problem.reason, "SLOT_TAKEN");
}

#[tokio::test]
async fn a_call_cannot_overbook() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let call = caller(&clinic.tenant);
    let request = urgent(clinic.booking(TEN, PHONE));
    let problem = desk.book(&call, request).await.unwrap_err();
    assert_eq!(problem.reason, "ROLE_INSUFFICIENT");
    assert_eq!(desk.count("booking.booking").await, 0);
}

/// Trap 18: one patient is seen in one place at a time, whoever it is with.
#[tokio::test]
async fn trap_18_a_patient_is_not_booked_twice_at_one_time() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let other = desk.provider(&clinic.tenant, "Dr. Adams").await.id;
    let first = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap();
    let patient = first.patient.unwrap().id;
    let again = proto::CreateBookingRequest {
        provider_id: other,
        who: Some(Who::PatientId(patient)),
        ..clinic.booking(TEN, PHONE)
    };
    let problem = desk.book(&clinic.tenant, again.clone()).await.unwrap_err();
    assert_eq!(problem.reason, "PATIENT_BUSY");
    let call = caller(&clinic.tenant);
    let problem = desk.book(&call, again.clone()).await.unwrap_err();
    assert_eq!(
        problem.reason, "SLOT_TAKEN",
        "a caller is not told of other visits"
    );
    let touching = proto::CreateBookingRequest {
        starts_at: crate::desk::proto_at("2026-12-02T10:30:00Z"),
        ..again.clone()
    };
    desk.book(&clinic.tenant, touching).await.unwrap();
    desk.book(&clinic.tenant, urgent(again))
        .await
        .expect("staff may");
}

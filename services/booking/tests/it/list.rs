//! Reading bookings.

use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use crate::desk::{Clinic, Desk, bad_fields, proto_at};

const PHONE: &str = "+14155550123";

async fn list(
    desk: &Desk,
    clinic: &Clinic,
    request: proto::ListBookingsRequest,
) -> (Vec<String>, String) {
    let answer = desk
        .bookings()
        .list_bookings(desk.ask(&clinic.tenant, request))
        .await
        .unwrap();
    let answer = answer.into_inner();
    let ids = answer
        .bookings
        .into_iter()
        .map(|booking| booking.id)
        .collect();
    (ids, answer.next_cursor)
}

/// Books at 9, 10, 12 and 15 o'clock; the one at 12 in a call. The ids come by start.
async fn four(desk: &Desk, clinic: &Clinic) -> Vec<String> {
    let mut ids = Vec::new();
    for hour in [15, 9, 12, 10] {
        let start = format!("2026-12-02T{hour:02}:00:00Z");
        let call_id = if hour == 12 {
            "call-1".into()
        } else {
            String::new()
        };
        let request = proto::CreateBookingRequest {
            call_id,
            ..clinic.booking(&start, PHONE)
        };
        ids.push((hour, desk.book(&clinic.tenant, request).await.unwrap().id));
    }
    ids.sort_unstable();
    ids.into_iter().map(|(_, id)| id).collect()
}

#[tokio::test]
async fn bookings_are_listed_by_start_page_by_page() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let ids = four(&desk, &clinic).await;
    let page = proto::ListBookingsRequest {
        limit: 3,
        ..Default::default()
    };
    let (first, cursor) = list(&desk, &clinic, page.clone()).await;
    assert_eq!(first, ids[..3]);
    let (rest, end) = list(
        &desk,
        &clinic,
        proto::ListBookingsRequest { cursor, ..page },
    )
    .await;
    assert_eq!((rest, &*end), (ids[3..].to_vec(), ""));
}

#[tokio::test]
async fn a_list_has_what_was_asked_for() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let ids = four(&desk, &clinic).await;
    desk.cancel(&clinic.tenant, &ids[0]).await.unwrap();
    let ask = |change: &dyn Fn(&mut proto::ListBookingsRequest)| {
        let mut request = proto::ListBookingsRequest::default();
        change(&mut request);
        request
    };
    for (request, expected) in [
        (ask(&|one| one.status = "cancelled".into()), &ids[..1]),
        (ask(&|one| one.call_id = "call-1".into()), &ids[2..3]),
        (
            ask(&|one| one.statuses = vec!["booked".into(), "cancelled".into()]),
            &ids[..],
        ),
        (ask(&|one| one.statuses = vec!["arrived".into()]), &[]),
        (
            ask(&|one| one.from = proto_at("2026-12-02T10:00:00Z")),
            &ids[1..],
        ),
        (
            ask(&|one| one.to = proto_at("2026-12-02T15:00:00Z")),
            &ids[..3],
        ),
        (
            ask(&|one| one.provider_id.clone_from(&clinic.provider)),
            &ids[..],
        ),
        (
            ask(&|one| one.provider_id = "prv_00000000000000000000000000000000".into()),
            &[],
        ),
    ] {
        assert_eq!(
            list(&desk, &clinic, request.clone()).await.0,
            expected,
            "{request:?}"
        );
    }
}

#[tokio::test]
async fn a_list_by_patient_has_the_bookings_of_this_patient_only() {
    let desk = Desk::open().await;
    let orgs = two_orgs();
    let (acme, globex) = (desk.clinic(&orgs.0).await, desk.clinic(&orgs.1).await);
    let mut booked = Vec::new();
    for (clinic, hour, phone) in [
        (&acme, 9, PHONE),
        (&acme, 10, "+14155550124"),
        (&globex, 9, PHONE),
    ] {
        let start = format!("2026-12-02T{hour:02}:00:00Z");
        let booking = desk
            .book(&clinic.tenant, clinic.booking(&start, phone))
            .await;
        booked.push(booking.unwrap());
    }
    let of = |booking: &proto::Booking| proto::ListBookingsRequest {
        patient_id: booking.patient.clone().unwrap().id,
        ..Default::default()
    };
    for one in &booked[..2] {
        let (ids, _) = list(&desk, &acme, of(one)).await;
        assert_eq!(ids, [one.id.as_str()]);
    }
    let (theirs, _) = list(&desk, &acme, of(&booked[2])).await;
    assert!(theirs.is_empty(), "{theirs:?}");
}

#[tokio::test]
async fn every_bad_filter_is_named() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let bad = proto::ListBookingsRequest {
        status: "lost".into(),
        statuses: vec!["booked".into(), "found".into()],
        patient_id: "somebody".into(),
        provider_id: "nobody".into(),
        limit: 201,
        cursor: "?".into(),
        ..Default::default()
    };
    let status = desk
        .bookings()
        .list_bookings(desk.ask(&clinic.tenant, bad))
        .await
        .unwrap_err();
    assert_eq!(
        bad_fields(&status.into()),
        [
            "statuses STATUS",
            "status STATUS",
            "patientId ID",
            "providerId ID",
            "limit RANGE",
            "cursor CURSOR"
        ]
    );
}

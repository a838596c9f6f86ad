//! Several who want the same time.

use std::collections::HashSet;

use voxanne_problem::Kind;
use voxanne_proto::booking::v1::{self as proto, create_booking_request::Who};
use voxanne_testkit::two_orgs;

use crate::desk::{Clinic, Desk, TEN};

const PHONE: &str = "+14155550123";

#[tokio::test]
async fn trap_01_sixty_four_callers_for_one_slot_make_one_booking() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let calls = (0..64).map(|caller| {
        let request = clinic.booking(TEN, &format!("+1415555{:04}", 2000 + caller));
        desk.book(&clinic.tenant, request)
    });
    let answers = futures_util::future::join_all(calls).await;
    let (booked, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((booked.len(), refused.len()), (1, 63));
    for problem in refused.into_iter().map(Result::unwrap_err) {
        assert_eq!(
            (problem.kind, &*problem.reason),
            (Kind::Conflict, "SLOT_TAKEN")
        );
    }
    assert_eq!(desk.count("booking.booking").await, 1);
    assert_eq!(
        desk.count("booking.patient").await,
        1,
        "a refused caller leaves no patient"
    );
    assert_eq!(desk.events(&clinic.tenant).await.len(), 1);
}

#[tokio::test]
async fn a_taken_slot_comes_with_the_next_free_ones() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    for start in [TEN, "2026-12-02T10:30:00Z"] {
        desk.book(&clinic.tenant, clinic.booking(start, PHONE))
            .await
            .unwrap();
    }
    let problem = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap_err();
    let extension: serde_json::Value =
        serde_json::from_str(problem.extension.as_deref().unwrap()).unwrap();
    let alternatives = extension["alternatives"].as_array().unwrap();
    let starts: Vec<_> = alternatives
        .iter()
        .map(|one| one["startsAt"].as_str().unwrap())
        .collect();
    assert_eq!(
        starts,
        [
            "2026-12-02T11:00:00Z",
            "2026-12-02T11:30:00Z",
            "2026-12-02T12:00:00Z"
        ]
    );
    assert_eq!(alternatives[0]["localTime"], "2026-12-02T11:00");
    assert_eq!(alternatives[0]["timeZone"], "Europe/London");
    assert_eq!(alternatives[0]["providerId"], *clinic.provider);
    let request = proto::CreateBookingRequest {
        slot_id: alternatives[0]["slotId"].as_str().unwrap().into(),
        who: clinic.booking(TEN, PHONE).who,
        ..Default::default()
    };
    desk.book(&clinic.tenant, request)
        .await
        .expect("an alternative is bookable");
}

#[tokio::test]
async fn trap_16_ten_providers_take_ten_of_eleven_who_ask_for_anybody() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    for number in 1..10 {
        desk.provider(&clinic.tenant, &format!("Dr. {number}"))
            .await;
    }
    let request = |caller: usize| proto::CreateBookingRequest {
        provider_id: String::new(),
        ..clinic.booking(TEN, &format!("+1415555{:04}", 2000 + caller))
    };
    let calls = (0..11).map(|caller| desk.book(&clinic.tenant, request(caller)));
    let (booked, refused): (Vec<_>, Vec<_>) = futures_util::future::join_all(calls)
        .await
        .into_iter()
        .partition(Result::is_ok);
    let providers: HashSet<_> = booked
        .into_iter()
        .map(|one| one.unwrap().provider_id)
        .collect();
    assert_eq!((providers.len(), refused.len()), (10, 1));
    let problem = refused.into_iter().next().unwrap().unwrap_err();
    assert_eq!(problem.reason, "SLOT_TAKEN");
    assert!(problem.extension.unwrap().contains("2026-12-02T10:30:00Z"));
}

#[tokio::test]
async fn trap_03_touching_slots_are_both_booked_and_overlapping_ones_are_not() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    for start in [TEN, "2026-12-02T10:30:00Z", "2026-12-02T09:30:00Z"] {
        desk.book(&clinic.tenant, clinic.booking(start, PHONE))
            .await
            .unwrap();
    }
    let hour = desk.service(&clinic.tenant, "Long", (60, 0, 0)).await;
    let request = proto::CreateBookingRequest {
        service_id: hour,
        ..clinic.booking(TEN, PHONE)
    };
    let problem = desk.book(&clinic.tenant, request).await.unwrap_err();
    assert_eq!(problem.reason, "SLOT_TAKEN");
}

#[tokio::test]
async fn trap_04_buffers_are_kept_free_whatever_start_is_asked_for() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let service_id = desk.service(&clinic.tenant, "Surgery", (60, 30, 30)).await;
    let surgery = proto::CreateBookingRequest {
        service_id,
        ..clinic.booking(TEN, PHONE)
    };
    desk.book(&clinic.tenant, surgery).await.unwrap();
    for (start, free) in [
        ("2026-12-02T09:00:00Z", true),
        ("2026-12-02T09:30:00Z", false),
        ("2026-12-02T11:00:00Z", false),
        ("2026-12-02T11:30:00Z", true),
    ] {
        let booked = desk
            .book(&clinic.tenant, clinic.booking(start, PHONE))
            .await;
        assert_eq!(booked.is_ok(), free, "{start}");
    }
}

#[tokio::test]
async fn trap_11_a_call_that_asks_again_gets_its_booking_back() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let request = proto::CreateBookingRequest {
        call_id: "call-1".into(),
        source: "voice".into(),
        ..clinic.booking(TEN, PHONE)
    };
    let calls = (0..8).map(|_| desk.book(&clinic.tenant, request.clone()));
    let answers = futures_util::future::join_all(calls).await;
    let ids: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.unwrap().id)
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(desk.events(&clinic.tenant).await.len(), 1);
    let other = proto::CreateBookingRequest {
        call_id: "call-2".into(),
        ..request.clone()
    };
    assert_eq!(
        desk.book(&clinic.tenant, other).await.unwrap_err().reason,
        "SLOT_TAKEN"
    );
    desk.cancel(&clinic.tenant, &ids[0]).await.unwrap();
    let again = desk.book(&clinic.tenant, request).await.unwrap();
    assert_ne!(again.id, ids[0], "a cancelled booking is not given back");
}

#[tokio::test]
async fn a_call_that_asks_twice_at_once_gets_one_of_the_free_providers() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    for name in ["Dr. Adams", "Dr. Zhou"] {
        desk.provider(&clinic.tenant, name).await;
    }
    let calls = (0..6).map(|caller| {
        let request = proto::CreateBookingRequest {
            call_id: "call-1".into(),
            provider_id: String::new(),
            ..clinic.booking(TEN, &format!("+1415555{:04}", 2000 + caller))
        };
        desk.book(&clinic.tenant, request)
    });
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(desk.count("booking.booking").await, 1);
}

fn in_one_call(clinic: &Clinic, name: &str) -> proto::CreateBookingRequest {
    proto::CreateBookingRequest {
        call_id: "call-1".into(),
        who: Some(Who::Patient(proto::BookedPatient {
            name: name.into(),
            phone: PHONE.into(),
            email: String::new(),
            ..Default::default()
        })),
        ..clinic.booking(TEN, PHONE)
    }
}

#[tokio::test]
async fn a_second_person_in_a_call_does_not_get_the_booking_of_the_first() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let book = |request| desk.book(&clinic.tenant, request);
    let ada = book(in_one_call(&clinic, "Ada Lovelace")).await.unwrap();
    let grace = in_one_call(&clinic, "Grace Hopper");
    let problem = book(grace.clone()).await.unwrap_err();
    assert_eq!(problem.reason, "SLOT_TAKEN");
    assert!(problem.extension.unwrap().contains("startsAt"));
    assert_eq!(desk.count("booking.patient").await, 1);

    desk.provider(&clinic.tenant, "Dr. Adams").await;
    let anybody = |request| proto::CreateBookingRequest {
        provider_id: String::new(),
        ..request
    };
    let grace = book(anybody(grace)).await.unwrap();
    assert_eq!(grace.provider_name, "Dr. Adams");
    let again = in_one_call(&clinic, "ada LOVELACE");
    assert_eq!(book(anybody(again.clone())).await.unwrap().id, ada.id);
    for booking in [ada, grace] {
        let known = proto::CreateBookingRequest {
            who: Some(Who::PatientId(booking.patient.unwrap().id)),
            ..anybody(again.clone())
        };
        assert_eq!(book(known).await.unwrap().id, booking.id);
    }
}

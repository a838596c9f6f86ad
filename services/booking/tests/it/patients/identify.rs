//! Who calls, and what a caller learns of it.

use std::collections::BTreeMap;

use prost::Message as _;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::Tenant;
use voxanne_testkit::two_orgs;

use super::{PHONE, person, reason};
use crate::desk::{Desk, TEN};

const ADA: &str = "Ada Lovelace";
const BORN: &str = "1980-02-29";

/// Clinics that know everything or nothing of the number.
async fn clinics(desk: &Desk) -> Vec<(&'static str, Tenant)> {
    let mut clinics = Vec::new();
    for (state, known) in [
        ("nobody", vec![]),
        ("one", vec![(ADA, PHONE, BORN)]),
        ("one without a date", vec![(ADA, PHONE, "")]),
        (
            "another person",
            vec![("Grace Hopper", PHONE, "1906-12-09")],
        ),
        ("another number", vec![(ADA, "+14155550199", BORN)]),
        (
            "two of one name",
            vec![(ADA, PHONE, "1950-01-01"), (ADA, PHONE, BORN)],
        ),
        (
            "twins",
            vec![(ADA, PHONE, BORN), ("Eve Lovelace", PHONE, BORN)],
        ),
    ] {
        let (tenant, _) = two_orgs();
        desk.clinic(&tenant).await;
        for (name, phone, born) in known {
            desk.add(&tenant, person(name, phone, born)).await.unwrap();
        }
        clinics.push((state, tenant));
    }
    clinics
}

#[tokio::test]
async fn the_words_are_the_same_whether_or_not_there_is_a_record() {
    let desk = Desk::open().await;
    let clinics = clinics(&desk).await;
    for claim in [
        ("", ""),
        (ADA, ""),
        ("", BORN),
        (ADA, BORN),
        ("Mallory", ""),
        ("", "1999-09-09"),
    ] {
        let mut words = BTreeMap::new();
        let mut ids = Vec::new();
        for (state, tenant) in &clinics {
            let answer = desk.identify(tenant, claim).await.unwrap();
            words
                .entry(answer.sentence.clone())
                .or_insert_with(Vec::new)
                .push(*state);
            ids.push(answer.patient_id.clone());
            let proves_nothing = ["Mallory", ""].contains(&claim.0) && claim.1 != BORN;
            if proves_nothing {
                // Not even the service that asks is told anything.
                let bare = proto::IdentifyPatientResponse {
                    sentence: answer.sentence.clone(),
                    ..Default::default()
                };
                assert_eq!(
                    answer.encode_to_vec(),
                    bare.encode_to_vec(),
                    "{claim:?} {state}"
                );
            }
        }
        assert_eq!(words.len(), 1, "{claim:?}: {words:?}");
        let found = ids.iter().filter(|id| !id.is_empty()).count();
        let expected = match claim {
            (ADA, "") => 3,
            (ADA, BORN) => 4,
            ("", BORN) => 2,
            _ => 0,
        };
        assert_eq!(found, expected, "{claim:?}: {ids:?}");
    }
}

#[tokio::test]
async fn two_who_fit_are_ambiguous_and_never_guessed() {
    let desk = Desk::open().await;
    let (tenant, _) = two_orgs();
    let clinic = desk.clinic(&tenant).await;
    let father = desk
        .add(&tenant, person(ADA, PHONE, "1950-01-01"))
        .await
        .unwrap();
    let son = desk.add(&tenant, person(ADA, PHONE, BORN)).await.unwrap();
    assert_ne!(father.id, son.id, "the date of birth tells them apart");
    let either = desk.identify(&tenant, (ADA, "")).await.unwrap();
    assert_eq!((&*either.patient_id, either.ambiguous), ("", true));
    let one = desk.identify(&tenant, (ADA, BORN)).await.unwrap();
    assert_eq!((&one.patient_id, one.ambiguous), (&son.id, false));
    let booked = desk.book(&tenant, clinic.booking(TEN, PHONE)).await;
    assert_eq!(reason(booked), "PATIENT_AMBIGUOUS");
    let added = desk.add(&tenant, person(ADA, PHONE, "")).await;
    assert_eq!(reason(added), "PATIENT_AMBIGUOUS");
    assert_eq!(desk.count("booking.patient").await, 2);
    assert_eq!(desk.count("booking.booking").await, 0);
    let known = proto::CreateBookingRequest {
        who: Some(proto::create_booking_request::Who::PatientId(
            father.id.clone(),
        )),
        ..clinic.booking(TEN, PHONE)
    };
    let booking = desk.book(&tenant, known).await.unwrap();
    assert_eq!(booking.patient.unwrap().id, father.id);
}

#[tokio::test]
async fn a_family_shares_a_number_and_a_person_has_several() {
    let desk = Desk::open().await;
    let (tenant, _) = two_orgs();
    let clinic = desk.clinic(&tenant).await;
    let new = proto::CreatePatientRequest {
        further_phones: vec![
            "+1 415 555 0188".into(),
            PHONE.into(),
            "+442079460958".into(),
        ],
        ..person("Sinéad O'Brien", PHONE, "1990-05-06")
    };
    let sinead = desk.add(&tenant, new).await.unwrap();
    assert_eq!(sinead.phones, [PHONE, "+14155550188", "+442079460958"]);
    assert_eq!(sinead.date_of_birth, "1990-05-06");
    let mueller = desk
        .add(&tenant, person("Jörg Müller", "+14155550188", ""))
        .await
        .unwrap();
    for (name, phone, whose) in [
        ("sinead obrien", PHONE, &sinead),
        ("SINÉAD  O’BRIEN", "+14155550188", &sinead),
        ("Sine\u{301}ad O Brien", "+442079460958", &sinead),
        ("JÖRG MÜLLER", "+14155550188", &mueller),
        ("jorg muller", "+14155550188", &mueller),
    ] {
        let same = desk.add(&tenant, person(name, phone, "")).await.unwrap();
        assert_eq!(same.id, whose.id, "{name} {phone}");
        assert_eq!(
            same.name, whose.name,
            "it keeps the name it was given first"
        );
    }
    let stranger = desk
        .add(&tenant, person("Jörg Müller", PHONE, ""))
        .await
        .unwrap();
    assert_ne!(stranger.id, mueller.id, "a name alone is nobody");
    let mut booking = clinic.booking(TEN, "+14155550188");
    if let Some(proto::create_booking_request::Who::Patient(patient)) = &mut booking.who {
        patient.name = "SINEAD O'BRIEN".into();
    }
    let booked = desk.book(&tenant, booking).await.unwrap();
    assert_eq!(booked.patient.unwrap().id, sinead.id);
}

#[tokio::test]
async fn many_who_book_at_once_for_one_person_make_one_patient() {
    let desk = Desk::open().await;
    let (tenant, _) = two_orgs();
    desk.clinic(&tenant).await;
    let adds = [
        "Ada Lovelace",
        "ADA LOVELACE",
        "Áda  Lovelace",
        "ada lovelace",
    ]
    .map(|name| desk.add(&tenant, person(name, PHONE, "")));
    let added = futures_util::future::join_all(adds).await;
    let first = added[0].as_ref().unwrap().id.clone();
    for one in added {
        assert_eq!(one.unwrap().id, first);
    }
    assert_eq!(desk.count("booking.patient").await, 1);
}

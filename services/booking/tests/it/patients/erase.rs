//! Erasing a patient.

use sqlx::AssertSqlSafe;
use voxanne_idempotency::{Fingerprint, Key, KeyedRequest};
use voxanne_proto::booking::v1::{
    self as proto, create_booking_request::Who, join_waitlist_request,
};
use voxanne_tenant::Tenant;
use voxanne_testkit::two_orgs;

use super::{person, reason};
use crate::desk::{Clinic, Desk, TEN, at};

const NAME: &str = "Quentin Canarywright";
const MAIDEN: &str = "Quentin Songbird";
const PHONE: &str = "+12125550187";
const FURTHER: &str = "+12125550189";
const MAIL: &str = "canary@mail.example";
const NOTES: &str = "canary of an aching molar";
const REASON: &str = "canary of a chipped incisor";
const WAITS: &str = "canary who waits for a filling";
const TOLD: &str = "canary who wants a call";

async fn canary(desk: &Desk, tenant: &Tenant) -> proto::Patient {
    let new = proto::CreatePatientRequest {
        email: MAIL.into(),
        further_phones: vec![FURTHER.into()],
        ..person(NAME, PHONE, "1980-02-29")
    };
    desk.add(tenant, new).await.unwrap()
}

/// Books with notes and a key, so that the answer is kept for a repetition.
async fn book(desk: &Desk, clinic: &Clinic, id: &str) -> proto::Booking {
    let request = proto::CreateBookingRequest {
        who: Some(Who::PatientId(id.into())),
        notes: NOTES.into(),
        ..clinic.booking(TEN, PHONE)
    };
    let mut request = desk.ask(&clinic.tenant, request);
    KeyedRequest {
        key: Key::parse("canary").unwrap(),
        fingerprint: Fingerprint::of(&[b"canary"]),
    }
    .attach(&mut request);
    let booked = desk.bookings().create_booking(request).await.unwrap();
    booked.into_inner().booking.unwrap()
}

/// Where a canary still is, in any table of any schema of ours.
async fn remains(desk: &Desk) -> Vec<String> {
    let mut owner = desk.database.owner().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', relnamespace::regnamespace, relname) FROM pg_class
         WHERE relkind = 'r' AND relnamespace::regnamespace::text
           IN ('booking', 'events', 'audit', 'idempotency')",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    let mut found = Vec::new();
    for table in tables {
        // Bytes are shown in hex, so the kept answers are looked at as they are.
        let bytes = if table == "idempotency.record" {
            "|| encode(outcome, 'escape')"
        } else {
            ""
        };
        let held =
            format!("SELECT coalesce(string_agg(row::text {bytes}, ' '), '') FROM {table} AS row");
        let held: String = sqlx::query_scalar(AssertSqlSafe(held))
            .fetch_one(&mut owner)
            .await
            .unwrap();
        for mark in [
            "Quentin",
            "Canary",
            "canary of",
            "canary who",
            "canary@",
            &PHONE[1..],
            &FURTHER[1..],
            "1980-02-29",
        ] {
            if held.contains(mark) {
                found.push(format!("{mark} in {table}"));
            }
        }
    }
    found
}

/// A patient with everything that could be kept of one: another name of before, a booking with notes
/// and a task.
async fn kept(desk: &Desk, clinic: &Clinic) -> (proto::Patient, proto::Booking, proto::Task) {
    let tenant = &clinic.tenant;
    let patient = canary(desk, tenant).await;
    let other = person(MAIDEN, "+12125550190", "");
    let other = desk.add(tenant, other).await.unwrap();
    let merged = desk.merge(tenant, (&other.id, &patient.id)).await;
    merged.unwrap();
    let booking = book(desk, clinic, &patient.id).await;
    let callback = proto::CreateTaskRequest {
        patient_id: patient.id.clone(),
        note: TOLD.into(),
        ..Default::default()
    };
    let task = desk.callback(tenant, callback).await.unwrap();
    let waits = proto::JoinWaitlistRequest {
        service_id: clinic.service.clone(),
        from_date: "2026-12-02".into(),
        to_date: "2026-12-02".into(),
        note: WAITS.into(),
        who: Some(join_waitlist_request::Who::PatientId(patient.id.clone())),
        ..Default::default()
    };
    let request = desk.ask(tenant, waits);
    desk.waitlist().join_waitlist(request).await.unwrap();
    (patient, booking, task)
}

#[tokio::test]
async fn who_has_bookings_to_come_is_not_erased() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    let clinic = desk.clinic(&acme).await;
    let (patient, booking, _) = kept(&desk, &clinic).await;
    let refused = desk.erase(&acme, &patient.id).await.unwrap_err();
    assert_eq!(refused.reason, "PATIENT_HAS_BOOKINGS");
    let named: serde_json::Value = serde_json::from_str(&refused.extension.unwrap()).unwrap();
    assert_eq!(named["bookingIds"], serde_json::json!([booking.id]));
    let shown = desk.patient(&acme, &patient.id).await.unwrap();
    assert_eq!(shown.name, NAME, "nothing is erased");
    let canaries = remains(&desk).await;
    assert!(
        canaries.len() > 5,
        "they are where they should be: {canaries:?}"
    );
}

#[tokio::test]
async fn the_visit_stays_and_the_person_goes() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    let clinic = desk.clinic(&acme).await;
    let (patient, booking, task) = kept(&desk, &clinic).await;
    // Another clinic's patient has nothing to do with it.
    let theirs = person("Grace Hopper", "+14155550123", "");
    let theirs = desk.add(&globex, theirs).await.unwrap();
    let cancel = proto::CancelBookingRequest {
        id: booking.id.clone(),
        reason: REASON.into(),
        ..Default::default()
    };
    let cancelled = desk
        .bookings()
        .cancel_booking(desk.ask(&acme, cancel))
        .await;
    cancelled.unwrap();
    desk.erase(&acme, &patient.id).await.unwrap();
    assert_eq!(remains(&desk).await, Vec::<String>::new());

    let gone = desk.patient(&acme, &patient.id).await.unwrap();
    let told = (&*gone.name, &*gone.phone, gone.phones.len());
    assert_eq!(told, ("Erased patient", "", 0));
    assert!(gone.erased_at.is_some());
    let get = proto::GetBookingRequest {
        id: booking.id.clone(),
    };
    let stays = desk.bookings().get_booking(desk.ask(&acme, get)).await;
    let stays = stays.unwrap().into_inner().booking.unwrap();
    let visit = (stays.starts_at, stays.history.len());
    assert_eq!(visit, (booking.starts_at, 2));
    let task = desk.task(&acme, &task.id).await.unwrap();
    let ended = (&*task.state, &*task.resolved_by);
    assert_eq!(ended, ("resolved", "rule:erased"));
    let again = book(&desk, &clinic, &patient.id).await;
    assert_eq!(again.id, booking.id, "a repetition is still one");
    assert_eq!(again.patient.unwrap().name, "Erased patient");
    assert_eq!(desk.patient(&globex, &theirs.id).await.unwrap(), theirs);
}

#[tokio::test]
async fn erasing_twice_is_erasing_once() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    let clinic = desk.clinic(&acme).await;
    let patient = canary(&desk, &acme).await;
    let past = desk.book(
        &acme,
        proto::CreateBookingRequest {
            who: Some(Who::PatientId(patient.id.clone())),
            ..clinic.booking(TEN, PHONE)
        },
    );
    let past = past.await.unwrap();
    desk.clock.set(at("2026-12-03T08:00:00Z"));
    for _ in 0..2 {
        desk.erase(&acme, &patient.id).await.unwrap();
    }
    let events = desk.events(&acme).await;
    let erased: Vec<_> = events
        .iter()
        .filter(|(kind, _)| kind == "patient.erased")
        .collect();
    assert_eq!(erased.len(), 1);
    let told = serde_json::json!({ "patientId": patient.id, "bookingIds": [past.id] });
    assert_eq!(erased[0].1, told);
    let noted: i64 =
        sqlx::query_scalar("SELECT count(*) FROM audit.entry WHERE action = 'patient.erased'")
            .fetch_one(&mut desk.database.owner().await)
            .await
            .unwrap();
    assert_eq!(noted, 1);
    let booked = desk.book(
        &acme,
        proto::CreateBookingRequest {
            who: Some(Who::PatientId(patient.id.clone())),
            ..clinic.booking("2026-12-04T10:00:00Z", PHONE)
        },
    );
    assert_eq!(reason(booked.await), "PATIENT_NOT_FOUND");
    let anew = canary(&desk, &acme).await;
    assert_ne!(anew.id, patient.id, "who comes again is somebody new");
    let merged = desk.merge(&acme, (&patient.id, &anew.id)).await;
    assert_eq!(reason(merged), "PATIENT_ERASED");
    assert_eq!(
        desk.identify(&acme, ("Erased patient", ""))
            .await
            .unwrap()
            .patient_id,
        ""
    );
}

#[tokio::test]
async fn history_forgets_nobody_else() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    let clinic = desk.clinic(&acme).await;
    let patient = canary(&desk, &acme).await;
    let booking = book(&desk, &clinic, &patient.id).await;
    let cancel = proto::CancelBookingRequest {
        id: booking.id,
        reason: REASON.into(),
        ..Default::default()
    };
    desk.bookings()
        .cancel_booking(desk.ask(&acme, cancel))
        .await
        .unwrap();
    let mut owner = desk.database.owner().await;
    for statement in [
        "UPDATE booking.booking_change SET reason = ''",
        "UPDATE booking.booking_change SET reason = 'another'",
    ] {
        let refused = sqlx::query(statement)
            .execute(&mut owner)
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains("only added to"),
            "{statement}: {refused}"
        );
    }
}

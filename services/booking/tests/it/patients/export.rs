//! Everything that is kept of a patient.

use serde_json::Value;
use voxanne_problem::Problem;
use voxanne_proto::booking::v1::{
    self as proto, create_booking_request::Who, join_waitlist_request,
};
use voxanne_tenant::Tenant;
use voxanne_testkit::two_orgs;

use super::{PHONE, person, reason};
use crate::desk::{Clinic, Desk, TEN};

/// The document, and how many pieces it came in.
async fn export(desk: &Desk, tenant: &Tenant, id: &str) -> Result<(Value, usize), Problem> {
    let (mut text, mut cursor, mut pieces) = (String::new(), String::new(), 0);
    loop {
        let message = proto::ExportPatientRequest {
            id: id.into(),
            cursor,
        };
        let answer = desk
            .patients()
            .export_patient(desk.ask(tenant, message))
            .await?;
        let answer = answer.into_inner();
        text += &answer.piece;
        pieces += 1;
        cursor = answer.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    Ok((serde_json::from_str(&text).unwrap(), pieces))
}

/// Ada, who was known twice, with a booking and a task; and the id of before.
async fn ada(desk: &Desk, clinic: &Clinic) -> (String, String, String) {
    let tenant = &clinic.tenant;
    let new = proto::CreatePatientRequest {
        email: "ada@clinic.example".into(),
        further_phones: vec!["+14155550188".into()],
        ..person("Ada \"Countess\" Lovelace", PHONE, "1980-02-29")
    };
    let ada = desk.add(tenant, new).await.unwrap();
    let before = desk
        .add(tenant, person("Ada Byron", "+14155550177", ""))
        .await
        .unwrap();
    let booked = proto::CreateBookingRequest {
        who: Some(Who::PatientId(before.id.clone())),
        notes: "a \"quoted\" note\nof two lines".into(),
        ..clinic.booking(TEN, PHONE)
    };
    let booking = desk.book(tenant, booked).await.unwrap();
    desk.merge(tenant, (&before.id, &ada.id)).await.unwrap();
    let callback = proto::CreateTaskRequest {
        booking_id: booking.id.clone(),
        note: "wants to come earlier".into(),
        ..Default::default()
    };
    desk.callback(tenant, callback).await.unwrap();
    let waits = proto::JoinWaitlistRequest {
        service_id: clinic.service.clone(),
        from_date: "2026-12-02".into(),
        to_date: "2026-12-09".into(),
        note: "rather early".into(),
        who: Some(join_waitlist_request::Who::PatientId(ada.id.clone())),
        ..Default::default()
    };
    let request = desk.ask(tenant, waits);
    desk.waitlist().join_waitlist(request).await.unwrap();
    let eve = person("Eve Lovelace", PHONE, "");
    desk.add(tenant, eve).await.unwrap();
    (ada.id, before.id, booking.id)
}

#[tokio::test]
async fn the_document_holds_everything_and_nothing_of_others() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    let clinic = desk.clinic(&acme).await;
    let (ada, before, booking) = ada(&desk, &clinic).await;
    let (document, pieces) = export(&desk, &acme, &ada).await.unwrap();
    assert_eq!(pieces, 1);
    let patient = &document["patient"];
    assert_eq!(patient["id"], *ada);
    assert_eq!(patient["name"], "Ada \"Countess\" Lovelace");
    assert_eq!(patient["dateOfBirth"], "1980-02-29");
    assert_eq!(patient["email"], "ada@clinic.example");
    let phones = serde_json::json!([PHONE, "+14155550177", "+14155550188"]);
    assert_eq!(patient["phones"], phones);
    assert_eq!(document["mergedPatients"][0]["name"], "Ada Byron");
    assert_eq!(document["tasks"][0]["note"], "wants to come earlier");
    let waits = document["waitlist"].as_array().unwrap();
    assert_eq!(waits.len(), 1);
    let waits = (&waits[0]["note"], &waits[0]["toDate"]);
    assert_eq!(waits, (&"rather early".into(), &"2026-12-09".into()));
    let bookings = document["bookings"].as_array().unwrap();
    assert_eq!(bookings.len(), 1);
    assert_eq!(bookings[0]["id"], *booking);
    assert_eq!(bookings[0]["notes"], "a \"quoted\" note\nof two lines");
    assert_eq!(bookings[0]["history"][0]["status"], "booked");
    assert!(!document.to_string().contains("Eve"), "{document}");
    // The id of before means the same person.
    let (same, _) = export(&desk, &acme, &before).await.unwrap();
    assert_eq!(same, document);
    assert_eq!(
        reason(export(&desk, &globex, &ada).await),
        "PATIENT_NOT_FOUND"
    );

    let noted: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM audit.entry WHERE action = 'patient.exported' AND org_id = $1",
    )
    .bind(acme.org())
    .fetch_one(&mut desk.database.owner().await)
    .await
    .unwrap();
    assert_eq!(
        noted, 2,
        "one for each piece that was shown, and none for the refused one"
    );
}

#[tokio::test]
async fn a_long_history_comes_in_pieces() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    let clinic = desk.clinic(&acme).await;
    let booking = desk.book(&acme, clinic.booking(TEN, PHONE)).await.unwrap();
    let ada = booking.patient.unwrap().id;
    for (copies, pieces) in [(99, 1), (1, 2), (149, 3)] {
        desk.copy_booking(&booking.id, copies).await;
        let (document, came) = export(&desk, &acme, &ada).await.unwrap();
        let bookings = document["bookings"].as_array().unwrap();
        let count = desk.count("booking.booking").await;
        assert_eq!(
            (bookings.len(), came),
            (usize::try_from(count).unwrap(), pieces)
        );
        let ids: std::collections::BTreeSet<_> =
            bookings.iter().map(|one| one["id"].to_string()).collect();
        assert_eq!(ids.len(), bookings.len(), "each once");
    }
}

#[tokio::test]
async fn a_patient_without_a_past_is_a_document_too() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    desk.clinic(&acme).await;
    let ada = desk.add(&acme, person("Ada", PHONE, "")).await.unwrap();
    let (document, _) = export(&desk, &acme, &ada.id).await.unwrap();
    for list in ["bookings", "tasks", "mergedPatients"] {
        assert_eq!(document[list], serde_json::json!([]), "{list}");
    }
    assert_eq!(document["patient"]["dateOfBirth"], Value::Null);
    let cursor = proto::ExportPatientRequest {
        id: ada.id,
        cursor: "%%".into(),
    };
    let refused = desk
        .patients()
        .export_patient(desk.ask(&acme, cursor))
        .await;
    assert_eq!(reason(refused.map_err(Into::into)), "INVALID");
}

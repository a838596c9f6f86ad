//! Holding, booking, moving and cancelling.

use serde_json::{Value, json};
use voxanne_proto::booking::v1::{BookedPatient, create_booking_request::Who};

use super::{
    Desk, checked,
    desk::{NINE, slot_id},
    entries, get, post,
};
use crate::api::fixture::Person;

pub(super) fn parameters(list: &Value) -> Value {
    json!({ "resourceType": "Parameters", "parameter": list })
}

pub(super) fn patient(name: &str) -> Value {
    json!({
        "resourceType": "Patient",
        "name": [{ "text": name }],
        "telecom": [{ "system": "phone", "value": "+12125550142" }],
    })
}

#[tokio::test]
async fn what_is_found_is_held_and_booked() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    let found = get(
        &api,
        &person,
        "Appointment/$find?start=2026-12-01T14:00:00Z&end=2026-12-01T18:00:00Z",
    )
    .await;
    let proposed = entries(&found)[1]["id"].as_str().expect("an id").to_owned();

    let reference = json!({ "reference": format!("Appointment/{proposed}") });
    let list = json!([{ "name": "appointment-reference", "valueReference": reference }]);
    let got = post(&api, &person, "$hold", &parameters(&list)).await;
    assert_eq!(got.status, 200, "{}", got.text);
    let held = checked(&got);
    let asked = desk.asked().hold.take().expect("it was asked");
    assert_eq!(asked.slot_id, slot_id(1));
    let held = entries(&held)[0];
    assert_eq!(held["status"], "pending");
    assert_eq!(held["contained"][0]["status"], "busy-tentative");
    assert_eq!(held["contained"][0]["id"], *proposed);
    assert_eq!(held["extension"][0]["valueInstant"], "2026-11-30T14:00:00Z");

    let base = format!("http://clinic.test{}", person.path("/fhir"));
    for reference in [
        format!("Appointment/{}", held["id"].as_str().expect("an id")),
        format!("{base}/Appointment/{}", desk.hold),
    ] {
        let list = json!([
            { "name": "appointment-reference", "valueReference": { "reference": reference } },
            { "name": "patient-resource", "resource": patient("Philippa Wendelstein") },
            { "name": "comment", "valueString": "By the window" },
        ]);
        let got = post(&api, &person, "$book", &parameters(&list)).await;
        assert_eq!(got.status, 200, "{}", got.text);
        let booked = checked(&got);
        assert_eq!(entries(&booked)[0]["status"], "booked");
        let asked = desk.asked().create.take().expect("it was asked");
        assert_eq!(asked.hold_id, desk.hold.to_string());
        assert_eq!(asked.slot_id, "");
        assert_eq!(asked.notes, "By the window");
        assert_eq!(asked.source, "api");
        let who = BookedPatient {
            name: "Philippa Wendelstein".to_owned(),
            phone: "+12125550142".to_owned(),
            email: String::new(),
            ..Default::default()
        };
        assert_eq!(asked.who, Some(Who::Patient(who)));
    }
}

#[tokio::test]
async fn a_patient_who_is_known_need_not_be_told_of() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    let theirs = slot_id(2).trim_start_matches("slt_").replace('_', ".");
    let known = format!("Patient/{}", desk.patient).replacen('_', "-", 1);
    let reference = json!({ "name": "appointment-reference", "valueReference":
        { "reference": format!("Appointment/{theirs}") } });
    let resource = json!({ "name": "appointment-resource", "resource": {
        "resourceType": "Appointment", "id": theirs, "status": "pending",
        "participant": [{ "actor": { "display": "Napa" } }, { "actor": { "reference": known } }],
    }});
    let by_reference = json!({ "name": "patient-reference", "valueReference":
        { "reference": known } });
    let whole = json!({ "name": "patient-resource", "resource":
        { "resourceType": "Patient", "id": known.trim_start_matches("Patient/") } });
    for list in [
        json!([reference, by_reference]),
        json!([reference, whole]),
        json!([resource]),
    ] {
        let got = post(&api, &person, "$book", &parameters(&list)).await;
        assert_eq!(got.status, 200, "{}", got.text);
        let asked = desk.asked().create.take().expect("it was asked");
        assert_eq!(asked.slot_id, slot_id(2));
        assert_eq!(asked.who, Some(Who::PatientId(desk.patient.to_string())));
    }
}

#[tokio::test]
async fn an_appointment_is_moved_and_cancelled_as_it_was_read() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    let mut visit = get(&api, &person, &format!("Appointment/{}", desk.booking)).await;
    let list = |visit: &Value| {
        parameters(&json!([
            { "name": "appointment-resource", "resource": visit },
            { "name": "comment", "valueString": "the bus is late" },
        ]))
    };
    visit["start"] = json!("2026-12-01T15:00:00Z");
    let got = post(&api, &person, "$book", &list(&visit)).await;
    assert_eq!(got.status, 200, "{}", got.text);
    let asked = desk.asked().reschedule.take().expect("it was asked");
    assert_eq!(asked.id, desk.booking.to_string());
    assert_eq!(asked.version, Some(3));
    assert_eq!(asked.starts_at.map(|at| at.seconds), Some(NINE + 3600));
    assert_eq!(asked.provider_id, desk.provider.to_string());
    assert_eq!(asked.reason, "the bus is late");

    *desk.status.lock().unwrap() = "cancelled";
    visit["status"] = json!("cancelled");
    let got = post(&api, &person, "$book", &list(&visit)).await;
    let cancelled = checked(&got);
    assert_eq!(entries(&cancelled)[0]["status"], "cancelled");
    let asked = desk.asked().cancel.take().expect("it was asked");
    assert_eq!(asked.id, desk.booking.to_string());
    assert_eq!(asked.version, Some(3));
    assert_eq!(asked.reason, "the bus is late");
}

//! Bookings.

use serde_json::json;

use super::{Desk, desk::NINE, entries, get, link};
use crate::api::fixture::Person;

#[tokio::test]
async fn every_state_has_its_word() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("auditor"));
    for (ours, word, reason) in [
        ("requested", "pending", false),
        ("booked", "booked", false),
        ("confirmed", "booked", false),
        ("arrived", "arrived", false),
        ("completed", "fulfilled", false),
        ("no_show", "noshow", true),
        ("cancelled", "cancelled", true),
    ] {
        *desk.status.lock().unwrap() = ours;
        let path = format!("Appointment/{}", desk.booking);
        let visit = get(&api, &person, &path).await;
        assert_eq!(visit["status"], word, "{ours}");
        assert_eq!(visit["extension"][0]["valueCode"], ours);
        let said = visit["cancelationReason"]["text"].as_str();
        assert_eq!(said, reason.then_some("cannot come"), "{ours}");
    }
}

#[tokio::test]
async fn an_appointment_is_whole() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    let id = |ours: String| ours.replacen('_', "-", 1);
    let visit = get(&api, &person, &format!("Appointment/{}", desk.booking)).await;
    let period = json!({ "start": "2026-12-01T14:00:00Z", "end": "2026-12-01T14:30:00Z" });
    let service = id(desk.service.to_string());
    let patient = format!("Patient/{}", id(desk.patient.to_string()));
    let practitioner = format!("Practitioner/{}", id(desk.provider.to_string()));
    let expected = json!({
        "resourceType": "Appointment",
        "id": id(desk.booking.to_string()),
        "meta": { "versionId": "3" },
        "extension": [{ "url": "urn:voxanne:fhir:booking-status", "valueCode": "booked" }],
        "status": "booked",
        "serviceType": [{ "coding": [
            { "system": "urn:voxanne:service", "code": service, "display": "Check-up" },
        ]}],
        "start": period["start"],
        "end": period["end"],
        "created": "2026-11-30T14:00:00Z",
        "comment": "Knows the way",
        "participant": [
            { "actor": { "reference": patient, "display": "Zebediah Quillfeather" },
                "required": "required", "status": "accepted" },
            { "actor": { "reference": practitioner, "display": "Dr. Ada Lee" },
                "required": "required", "status": "accepted" },
        ],
        "requestedPeriod": [period],
    });
    assert_eq!(visit, expected);
}

#[tokio::test]
async fn appointments_are_asked_for_as_they_are_wanted() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("provider"));
    let (provider, patient) = (desk.provider.to_string(), desk.patient.to_string());
    let base = format!("http://clinic.test{}", person.path("/fhir"));
    for path in [
        format!("practitioner={provider}&patient=Patient/{patient}"),
        format!("actor=Practitioner/{provider}&patient={patient}"),
        format!("actor={base}/Patient/{patient}&practitioner={base}/Practitioner/{provider}"),
        format!("actor={patient}&patient={patient}&practitioner={provider}"),
    ] {
        let path = format!(
            "Appointment?{path}&date=ge2026-12-01&date=lt2026-12-02&status=booked,noshow&_count=7"
        );
        let found = get(&api, &person, &path).await;
        assert_eq!(entries(&found).len(), 1);
        let next = link(&found, "next", &person).expect("a link");
        assert!(next.ends_with("&_count=7&_cursor=bmV4dA"), "{next}");
        let asked = desk.asked().list.take().expect("it was asked");
        assert_eq!(asked.provider_id, provider);
        assert_eq!(asked.patient_id, patient);
        assert_eq!(asked.statuses, ["booked", "confirmed", "no_show"]);
        assert_eq!(asked.from.map(|at| at.seconds), Some(NINE - 9 * 3600));
        assert_eq!(asked.to.map(|at| at.seconds), Some(NINE + 15 * 3600));
        assert_eq!(asked.limit, 7);
    }
    get(&api, &person, "Appointment?_cursor=bmV4dA").await;
    let asked = desk.asked().list.take().expect("it was asked");
    assert_eq!(asked.cursor, "bmV4dA");
    assert_eq!((asked.from, asked.to, asked.limit), (None, None, 50));
}

#[tokio::test]
async fn a_state_that_none_can_have_finds_nothing() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    let nothing = get(&api, &person, "Appointment?status=proposed,waitlist").await;
    assert_eq!(nothing["total"], 0);
    assert!(desk.asked().list.is_none());
}

//! The ways to a visit beside a booking: a hold, a program that speaks FHIR, a series, the waitlist.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet};

use super::{
    flows::{BAD_PHONE, BIRTHDAY, EMAIL, NAME, NOTES, PHONE, REASON},
    refusals::Refusals,
};

pub(super) async fn run(fleet: &Fleet, clinic: &Clinic, refusals: &mut Refusals) {
    let hold = hold(fleet, clinic).await;
    speak_fhir(fleet, clinic, &hold, refusals).await;
    repeat(fleet, clinic, refusals).await;
    wait(fleet, clinic, refusals).await;
}

fn patient() -> Value {
    json!({ "name": NAME, "phone": PHONE, "email": EMAIL, "dateOfBirth": BIRTHDAY })
}

/// Makes something; gives its id.
async fn made(fleet: &Fleet, clinic: &Clinic, path: &str, what: Value) -> String {
    let (status, answer) = clinic.call(fleet, Method::POST, path, what).await;
    assert_eq!(status, StatusCode::CREATED, "{path}: {answer}");
    answer["id"].as_str().expect("an id").to_owned()
}

async fn read(fleet: &Fleet, clinic: &Clinic, path: &str) -> Value {
    let (status, answer) = clinic.call(fleet, Method::GET, path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{path}: {answer}");
    answer
}

/// Holds a time, gives it back and holds it again; gives the hold's id.
async fn hold(fleet: &Fleet, clinic: &Clinic) -> String {
    let slot = clinic.slots(fleet).await.swap_remove(0);
    let wish = json!({ "slotId": slot["slotId"] });
    let first = made(fleet, clinic, "/holds", wish.clone()).await;
    let path = format!("/holds/{first}");
    let (status, answer) = clinic.call(fleet, Method::DELETE, &path, Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    made(fleet, clinic, "/holds", wish).await
}

/// Books what is held, twice, and reads all that tells of it.
async fn speak_fhir(fleet: &Fleet, clinic: &Clinic, hold: &str, refusals: &mut Refusals) {
    let resource = json!({
        "resourceType": "Patient", "name": [{ "text": NAME }], "birthDate": BIRTHDAY,
        "telecom": [{ "system": "phone", "value": PHONE }, { "system": "email", "value": EMAIL }],
    });
    let body = json!({ "resourceType": "Parameters", "parameter": [
        { "name": "appointment-reference",
            "valueReference": { "reference": format!("Appointment/{hold}") } },
        { "name": "patient-resource", "resource": resource },
        { "name": "comment", "valueString": NOTES },
    ]});
    let path = "/fhir/Appointment/$book";
    let (status, booked) = clinic.call(fleet, Method::POST, path, body.clone()).await;
    assert_eq!(status, StatusCode::OK, "{booked}");
    let again = clinic.call(fleet, Method::POST, path, body).await;
    assert!(again.0.is_client_error(), "{}", again.1);
    refusals.note("a hold that is used up", again);
    let visit = &booked["entry"][0]["resource"];
    let id = visit["id"].as_str().expect("an id");
    let actor = visit["participant"][0]["actor"]["reference"].as_str();
    let actor = actor.expect("a reference");
    let person = actor.trim_start_matches("Patient/").replacen('-', "_", 1);
    for path in [
        format!("/fhir/{actor}"),
        format!("/fhir/Appointment/{id}"),
        format!("/fhir/Appointment?patient={actor}"),
    ] {
        read(fleet, clinic, &path).await;
    }
    let known = read(fleet, clinic, &format!("/patients/{person}")).await;
    assert_eq!(known["email"], EMAIL);
    assert_eq!(known["dateOfBirth"], BIRTHDAY);
}

/// Books a series, collides with it, and cancels it.
async fn repeat(fleet: &Fleet, clinic: &Clinic, refusals: &mut Refusals) {
    let slot = clinic.slots(fleet).await.swap_remove(0);
    let path = "/bookings/series";
    let series = json!({
        "serviceId": clinic.service, "startsAt": slot["startsAt"], "every": { "weeks": 1 },
        "count": 2, "patient": patient(), "notes": NOTES,
    });
    let id = made(fleet, clinic, path, series.clone()).await;
    let again = clinic.call(fleet, Method::POST, path, series).await;
    assert_eq!(again.0, StatusCode::CONFLICT, "{}", again.1);
    refusals.note("a series that is taken", again);
    let path = format!("{path}/{id}/cancel");
    let reason = json!({ "reason": REASON });
    let (status, answer) = clinic.call(fleet, Method::POST, &path, reason).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

/// Waits for days on which nothing becomes free, once with a number that is none.
async fn wait(fleet: &Fleet, clinic: &Clinic, refusals: &mut Refusals) {
    let wish = json!({
        "serviceId": clinic.service, "fromDate": "2099-01-01", "toDate": "2099-01-02",
        "patient": patient(), "note": NOTES,
    });
    made(fleet, clinic, "/waitlist", wish.clone()).await;
    let mut bad = wish;
    bad["patient"]["phone"] = json!(BAD_PHONE);
    let refused = clinic.call(fleet, Method::POST, "/waitlist", bad).await;
    assert_eq!(refused.0, StatusCode::BAD_REQUEST, "{}", refused.1);
    refusals.note("who cannot wait", refused);
    read(fleet, clinic, "/waitlist").await;
}

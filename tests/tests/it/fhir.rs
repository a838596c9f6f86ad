//! A program that speaks FHIR finds, holds, books, moves and cancels, and sees nothing of another
//! clinic.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_clock::Clock;
use voxanne_tests::{Clinic, Fleet};

/// Asks with a Parameters resource.
async fn ask(
    fleet: &Fleet,
    clinic: &Clinic,
    operation: &str,
    parameters: Value,
) -> (StatusCode, Value) {
    let body = json!({ "resourceType": "Parameters", "parameter": parameters });
    let path = format!("/fhir/Appointment/{operation}");
    clinic.call(fleet, Method::POST, &path, body).await
}

async fn get(fleet: &Fleet, clinic: &Clinic, path: &str) -> (StatusCode, Value) {
    let path = format!("/fhir/{path}");
    clinic.call(fleet, Method::GET, &path, Value::Null).await
}

/// The one appointment of an operation that succeeded.
fn only((status, bundle): (StatusCode, Value)) -> Value {
    assert_eq!(status, StatusCode::OK, "{bundle}");
    let entries = bundle["entry"].as_array().expect("entries");
    assert_eq!(entries.len(), 1, "{bundle}");
    entries[0]["resource"].clone()
}

/// The code of an outcome, and the parameter that it names.
fn told((status, outcome): &(StatusCode, Value)) -> (u16, String, String) {
    assert_eq!(outcome["resourceType"], "OperationOutcome", "{outcome}");
    let issue = &outcome["issue"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let code = text(&issue["details"]["coding"][0]["code"]);
    (status.as_u16(), code, text(&issue["expression"][0]))
}

/// The ids of the times from which one can be chosen, in order, with their starts.
async fn find(fleet: &Fleet, clinic: &Clinic) -> Vec<(String, String)> {
    let tomorrow = Clock::system().now() + jiff::SignedDuration::from_hours(24);
    let end = tomorrow + jiff::SignedDuration::from_hours(48);
    let parameters = json!([
        { "name": "start", "valueDateTime": tomorrow.to_string() },
        { "name": "end", "valueDateTime": end.to_string() },
        { "name": "visit-type", "valueString": format!("urn:voxanne:service|{}", clinic.service) },
    ]);
    let (status, bundle) = ask(fleet, clinic, "$find", parameters).await;
    assert_eq!(status, StatusCode::OK, "{bundle}");
    let entries = bundle["entry"].as_array().expect("entries");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    entries
        .iter()
        .map(|entry| &entry["resource"])
        .map(|one| (text(&one["id"]), text(&one["start"])))
        .collect()
}

fn reference(id: &Value) -> Value {
    let id = id.as_str().expect("an id");
    json!({ "name": "appointment-reference",
        "valueReference": { "reference": format!("Appointment/{id}") } })
}

fn patient() -> Value {
    json!({ "name": "patient-resource", "resource": {
        "resourceType": "Patient",
        "name": [{ "given": ["Philippa"], "family": "Wendelstein" }],
        "telecom": [{ "system": "phone", "value": "+12125550142" }],
    }})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_found_held_booked_moved_and_cancelled() {
    let fleet = Fleet::start().await;
    let clinic = Clinic::open(&fleet, "acme").await;
    clinic.never_close(&fleet).await;
    let times = find(&fleet, &clinic).await;
    let wanted = json!(times[0].0);

    let held = only(ask(&fleet, &clinic, "$hold", json!([reference(&wanted)])).await);
    assert_eq!(held["status"], "pending");
    assert_eq!(held["start"], times[0].1);
    let left = find(&fleet, &clinic).await;
    assert!(left.iter().all(|(id, _)| *id != times[0].0), "it is held");
    let again = ask(&fleet, &clinic, "$hold", json!([reference(&wanted)])).await;
    let taken = (409, "SLOT_TAKEN".to_owned(), String::new());
    assert_eq!(told(&again), taken);
    let others = again.1["issue"][0]["extension"].as_array();
    assert_eq!(others.map(Vec::len), Some(3), "{}", again.1);

    let booking = json!([reference(&held["id"]), patient()]);
    let booked = only(ask(&fleet, &clinic, "$book", booking).await);
    assert_eq!(booked["status"], "booked");
    assert_eq!(booked["start"], times[0].1);
    let id = booked["id"].as_str().expect("an id").to_owned();
    let (status, read) = get(&fleet, &clinic, &format!("Appointment/{id}")).await;
    assert_eq!((status, &read), (StatusCode::OK, &booked));
    let actor = read["participant"][0]["actor"]["reference"].as_str();
    let actor = actor.expect("a reference").to_owned();
    let (_, person) = get(&fleet, &clinic, &actor).await;
    assert_eq!(person["name"][0]["text"], "Philippa Wendelstein");

    let mut visit = read.clone();
    visit["start"] = json!(times[4].1);
    let change = |visit: &Value| json!([{ "name": "appointment-resource", "resource": visit }]);
    let moved = only(ask(&fleet, &clinic, "$book", change(&visit)).await);
    assert_eq!(
        (&moved["id"], &moved["start"]),
        (&read["id"], &visit["start"])
    );
    // What was read before it was moved is told to be old.
    let stale = ask(&fleet, &clinic, "$book", change(&visit)).await;
    assert_eq!(told(&stale).1, "STALE_VERSION");
    visit = moved;
    visit["status"] = json!("cancelled");
    let reason = json!({ "name": "comment", "valueString": "the bus is late" });
    let list = json!([{ "name": "appointment-resource", "resource": visit }, reason]);
    let cancelled = only(ask(&fleet, &clinic, "$book", list).await);
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(cancelled["cancelationReason"]["text"], "the bus is late");

    let (_, found) = get(&fleet, &clinic, &format!("Appointment?patient={actor}")).await;
    assert_eq!(found["entry"][0]["resource"]["id"], read["id"]);
    for (query, count) in [("status=booked", 0), ("status=booked,cancelled", 1)] {
        let path = format!("Appointment?patient={actor}&{query}");
        let (_, found) = get(&fleet, &clinic, &path).await;
        let entries = found["entry"].as_array().map_or(0, Vec::len);
        assert_eq!(entries, count, "{query}: {found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ids_of_another_clinic_are_nobodys() {
    let fleet = Fleet::start().await;
    let (acme, globex) = tokio::join!(Clinic::open(&fleet, "acme"), Clinic::open(&fleet, "globex"));
    acme.never_close(&fleet).await;
    let times = find(&fleet, &acme).await;
    let wanted = json!([reference(&json!(times[0].0)), patient()]);
    let booked = only(ask(&fleet, &acme, "$book", wanted).await);
    let hold = json!([reference(&json!(times[1].0))]);
    let held = only(ask(&fleet, &acme, "$hold", hold).await);

    for operation in ["$hold", "$book"] {
        let mut theirs = vec![reference(&json!(times[2].0))];
        theirs.extend((operation == "$book").then(patient));
        let refused = ask(&fleet, &globex, operation, json!(theirs)).await;
        let unknown = (
            400,
            "INVALID".to_owned(),
            "appointment-reference".to_owned(),
        );
        assert_eq!(told(&refused), unknown, "{operation}");
    }
    let theirs = json!([reference(&held["id"]), patient()]);
    let refused = ask(&fleet, &globex, "$book", theirs).await;
    assert_eq!(told(&refused).1, "HOLD_NOT_FOUND");
    let path = format!("Appointment/{}", booked["id"].as_str().expect("an id"));
    let refused = get(&fleet, &globex, &path).await;
    assert_eq!(told(&refused).1, "BOOKING_NOT_FOUND");
    let theirs = json!([{ "name": "appointment-resource", "resource": booked }]);
    let refused = ask(&fleet, &globex, "$book", theirs).await;
    assert_eq!(told(&refused).1, "BOOKING_NOT_FOUND");
    for participant in booked["participant"].as_array().expect("participants") {
        let actor = participant["actor"]["reference"].as_str().expect("one");
        let refused = get(&fleet, &globex, actor).await;
        assert_eq!(refused.0, StatusCode::NOT_FOUND, "{actor}");
        let (status, found) = get(&fleet, &globex, &format!("Appointment?actor={actor}")).await;
        assert_eq!((status, found.get("entry")), (StatusCode::OK, None));
        let (_, found) = get(&fleet, &acme, &format!("Appointment?actor={actor}")).await;
        assert!(found["entry"].is_array(), "{found}");
    }
}

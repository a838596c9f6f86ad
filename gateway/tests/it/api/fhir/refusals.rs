//! Whatever is refused is told as an outcome, with our stable codes.

use axum::http::Method;
use serde_json::{Value, json};
use voxanne_ids::PatientId;

use super::{
    Desk,
    book::{parameters, patient},
    desk::slot_id,
    post,
};
use crate::api::fixture::{Api, Behind, Person, Reply, reply};

async fn ask(api: &Api, person: &Person, path: &str) -> Reply {
    let path = person.path(&format!("/fhir/{path}"));
    reply(api.call(person, Method::GET, &path)).await
}

/// The parameters that an outcome names, and what is wrong with each.
fn wrong(got: &Reply) -> Vec<(String, String)> {
    assert_eq!(got.status, 400, "{}", got.text);
    let told = got.outcome().into_iter();
    let told = told.map(|(kind, place, code)| {
        let expected = if code == "REQUIRED" {
            "required"
        } else {
            "value"
        };
        assert_eq!(kind, expected, "{place}");
        (place, code)
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

fn expected(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(place, code): &(&str, &str)| ((*place).to_owned(), (*code).to_owned());
    list.iter().map(owned).collect()
}

#[tokio::test]
async fn every_bad_parameter_of_a_query_is_named() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    let other = format!("http://clinic.test{}", Person::new("staff").path("/fhir"));
    for (path, list) in [
        (
            "Slot?schedule=Patient/x&start=soon&status=open&service-type=other%7Csvc-1&_count=0\
             &_cursor=forged&colour=red&_format=xml"
                .to_owned(),
            &[
                ("_count", "RANGE"),
                ("_cursor", "CURSOR"),
                ("_format", "ONE_OF"),
                ("colour", "UNKNOWN_FIELD"),
                ("schedule", "FORMAT"),
                ("service-type", "FORMAT"),
                ("start", "FORMAT"),
                ("status", "ONE_OF"),
            ][..],
        ),
        (
            format!(
                "Appointment?actor={other}/Practitioner/{}&date=ap2026-12-01&status=lost\
                 &patient=nobody&_count=many&_count=1&%00=x",
                desk.provider
            ),
            &[
                ("(unnamed)", "UNKNOWN_FIELD"),
                ("_count", "REPEATED"),
                ("_count", "TYPE"),
                ("actor", "FORMAT"),
                ("date", "FORMAT"),
                ("patient", "FORMAT"),
                ("status", "ONE_OF"),
            ],
        ),
        (
            format!(
                "Appointment?actor={}&patient={}",
                PatientId::new(),
                PatientId::new()
            ),
            &[("actor", "CONFLICT")],
        ),
        (
            "Appointment/$find?end=2026-12-32&visit-type=%00".to_owned(),
            &[
                ("end", "FORMAT"),
                ("start", "REQUIRED"),
                ("visit-type", "FORMAT"),
            ],
        ),
    ] {
        let got = ask(&api, &person, &path).await;
        assert_eq!(wrong(&got), expected(list), "{path}");
    }
}

/// An operation, its parameters, and what is wrong with them.
type Case<'a> = (&'a str, Value, &'a [(&'a str, &'a str)]);

async fn refuse(api: &Api, person: &Person, cases: &[Case<'_>]) {
    for (operation, list, places) in cases {
        let got = post(api, person, operation, &parameters(list)).await;
        assert_eq!(wrong(&got), expected(places), "{operation} {list}");
    }
}

fn appointment(parts: &Value) -> Value {
    let mut resource = json!({ "resourceType": "Appointment" });
    let parts = parts.as_object().cloned().unwrap_or_default();
    resource.as_object_mut().expect("an object").extend(parts);
    json!([{ "name": "appointment-resource", "resource": resource }])
}

#[tokio::test]
async fn every_bad_parameter_of_find_and_hold_is_named() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    let start = json!({ "name": "start", "valueDateTime": "x" });
    let specialty = json!({ "name": "specialty", "valueString": "y" });
    let elsewhere = json!({ "reference": "https://elsewhere.test/fhir/Appointment/1" });
    let elsewhere = json!({ "name": "appointment-reference", "valueReference": elsewhere });
    let cases: [Case<'_>; 3] = [
        (
            "$find",
            json!([start, specialty]),
            &[
                ("end", "REQUIRED"),
                ("specialty", "UNKNOWN_FIELD"),
                ("start", "FORMAT"),
            ],
        ),
        ("$hold", json!([]), &[("appointment-reference", "REQUIRED")]),
        (
            "$hold",
            json!([elsewhere]),
            &[("appointment-reference", "FORMAT")],
        ),
    ];
    refuse(&api, &person, &cases).await;
    let asked = desk.asked();
    assert!(asked.hold.is_none() && asked.find.is_none());
}

#[tokio::test]
async fn every_bad_parameter_of_book_is_named() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    let reference = json!({ "name": "appointment-reference",
        "valueReference": { "reference": "a" } });
    let nobody = json!({ "name": "patient-resource", "resource": { "resourceType": "Patient" } });
    let comment = json!({ "name": "comment", "valueString": "a" });
    let unread = json!({ "status": "booked", "meta": { "versionId": "x" } });
    let cases: [Case<'_>; 4] = [
        (
            "$book",
            json!([]),
            &[
                ("appointment-reference", "REQUIRED"),
                ("patient-resource", "REQUIRED"),
            ],
        ),
        (
            "$book",
            json!([reference, nobody, comment, comment]),
            &[
                ("comment", "REPEATED"),
                ("patient-resource.name", "REQUIRED"),
                ("patient-resource.telecom", "REQUIRED"),
            ],
        ),
        (
            "$book",
            appointment(&unread),
            &[
                ("appointment-resource.id", "REQUIRED"),
                ("appointment-resource.meta.versionId", "FORMAT"),
                ("appointment-resource.start", "FORMAT"),
            ],
        ),
        (
            "$book",
            appointment(&json!({ "id": "x", "status": "arrived" })),
            &[("appointment-resource.status", "ONE_OF")],
        ),
    ];
    refuse(&api, &person, &cases).await;
    let bundle = json!({ "resourceType": "Bundle" });
    let got = post(&api, &person, "$book", &bundle).await;
    assert_eq!(wrong(&got), expected(&[("resourceType", "ONE_OF")]));
    assert!(desk.asked().create.is_none());
}

#[tokio::test]
async fn a_taken_time_comes_with_others_and_is_refused_the_same_again() {
    let desk = Desk::default();
    let (api, person) = (desk.start_with_redis().await, Person::new("staff"));
    let body = |name: &str| {
        let theirs = slot_id(1).trim_start_matches("slt_").replace('_', ".");
        let reference = json!({ "reference": format!("Appointment/{theirs}") });
        parameters(&json!([
            { "name": "appointment-reference", "valueReference": reference },
            { "name": "patient-resource", "resource": patient(name) },
        ]))
    };
    let keyed = async |key: &str, body: &Value| {
        let path = person.path("/fhir/Appointment/$book");
        let request = api.call(&person, Method::POST, &path).json(body);
        let kind = "application/fhir+json; charset=utf-8";
        let request = request.header("content-type", kind);
        reply(request.header("idempotency-key", key)).await
    };
    let first = keyed("k1", &body("Late Comer")).await;
    assert_eq!(first.status, 409);
    let told = (
        "conflict".to_owned(),
        String::new(),
        "SLOT_TAKEN".to_owned(),
    );
    assert_eq!(first.outcome(), [told]);
    let others = &first.json()["issue"][0]["extension"];
    let free = slot_id(2).trim_start_matches("slt_").replace('_', ".");
    let reference = format!("Slot/{free}");
    assert_eq!(others[0]["valueReference"]["reference"], reference);
    let again = keyed("k1", &body("Late Comer")).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.status, &again.text), (409, &first.text));

    // What was not found is not found again, and by the same code.
    let first = keyed("k2", &body("Nobody Home")).await;
    assert_eq!(first.problem(), (404, "HOLD_NOT_FOUND".to_owned()));
    let again = keyed("k2", &body("Nobody Home")).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.status, &again.text), (404, &first.text));

    let other = keyed("k1", &body("Somebody Else")).await;
    assert_eq!(other.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
}

#[tokio::test]
async fn every_layer_refuses_in_fhir() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    let unknown = format!("Appointment/{}", voxanne_ids::BookingId::new());
    for (path, status, kind, code) in [
        (&*unknown, 404, "not-found", "BOOKING_NOT_FOUND"),
        (
            "Appointment/$nonsense",
            404,
            "not-found",
            "BOOKING_NOT_FOUND",
        ),
        ("Schedule/x", 404, "not-found", "PROVIDER_NOT_FOUND"),
        ("Observation", 404, "not-found", "NOT_FOUND"),
    ] {
        let got = ask(&api, &person, path).await;
        let told = (kind.to_owned(), String::new(), code.to_owned());
        assert_eq!((got.status, got.outcome()), (status, vec![told]), "{path}");
    }
    let book = person.path("/fhir/Appointment/$book");
    let send = |method: Method| api.call(&person, method, &book);
    for (request, status, code) in [
        (send(Method::DELETE), 405, "METHOD_NOT_ALLOWED"),
        (send(Method::POST), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            send(Method::POST).header("content-type", "application/fhir+xml"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            send(Method::POST)
                .header("content-type", "application/fhir+json")
                .body("{\"resourceType\":1,\"resourceType\":2}"),
            400,
            "MALFORMED_JSON",
        ),
        (
            send(Method::POST)
                .header("content-type", "application/fhir+json")
                .body("x".repeat(300_000)),
            413,
            "BODY_TOO_LARGE",
        ),
        (api.request(Method::POST, &book), 401, "TOKEN_MISSING"),
        (
            api.call(&Person::new("owner"), Method::POST, &book),
            403,
            "ORG_MISMATCH",
        ),
    ] {
        let got = reply(request.header("accept-encoding", "gzip")).await;
        assert_eq!(got.problem(), (status, code.to_owned()), "{got:?}");
        assert_eq!(got.json()["resourceType"], "OperationOutcome");
        assert_eq!(got.header("content-encoding"), "");
        let id = &got.json()["extension"][0]["valueString"];
        assert_eq!(id, got.header("x-request-id"));
    }
}

#[tokio::test]
async fn who_may_read_may_not_book() {
    let desk = Desk::default();
    let (api, auditor) = (desk.start().await, Person::new("auditor"));
    let nothing = parameters(&json!([]));
    for operation in ["$hold", "$book"] {
        let got = post(&api, &auditor, operation, &nothing).await;
        assert_eq!(got.problem(), (403, "ROLE_INSUFFICIENT".to_owned()));
    }
    assert_eq!(ask(&api, &auditor, "Appointment").await.status, 200);
}

#[tokio::test]
async fn a_service_that_is_away_is_told_in_fhir() {
    let (api, person) = (Behind::default().start().await, Person::new("staff"));
    let got = ask(&api, &person, "Schedule").await;
    let told = (
        "transient".to_owned(),
        String::new(),
        "UNAVAILABLE".to_owned(),
    );
    assert_eq!((got.status, got.outcome()), (503, vec![told]));
    assert_eq!(got.header("retry-after"), "1");
}

//! What a clinic knows of its patients, from the first word to the last.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet};

use super::flows::{BIRTHDAY, CALLER, CALLER_NAME, EMAIL, NAME, NOTES, PHONE, REASON};

/// Takes a patient with several numbers through merge, call back, export and erasure.
pub(super) async fn run(fleet: &Fleet, clinic: &Clinic) {
    let made = async |path: &str, what: Value| {
        let (status, answer) = clinic.call(fleet, Method::POST, path, what).await;
        assert_eq!(status, StatusCode::CREATED, "{path}: {answer}");
        answer["id"].as_str().expect("an id").to_owned()
    };
    let numbers = json!([CALLER, PHONE]);
    let known = json!({
        "name": CALLER_NAME, "phone": "+12125550195", "phones": numbers, "email": EMAIL,
    });
    let stays = made("/patients", known).await;
    let twice = json!({
        "name": format!("{NAME} the Second"), "phone": PHONE, "dateOfBirth": BIRTHDAY,
    });
    let goes = made("/patients", twice).await;
    let leaver = made(
        "/patients",
        json!({ "name": NAME, "phone": "+12125550196", "email": EMAIL, "dateOfBirth": BIRTHDAY }),
    )
    .await;
    let task = made("/tasks", json!({ "patientId": stays, "note": NOTES })).await;
    part(fleet, clinic, (&goes, &stays), &leaver).await;
    let again = json!({ "patientId": stays, "note": NOTES });
    let resolved = format!("/tasks/{task}/resolve");
    for (path, body, expected) in [
        ("/tasks", again, StatusCode::CONFLICT),
        (&resolved, json!({ "outcome": REASON }), StatusCode::OK),
    ] {
        let (status, answer) = clinic.call(fleet, Method::POST, path, body).await;
        assert_eq!(status, expected, "{path}: {answer}");
    }
}

/// Makes one patient of two, takes it along, looks for it, and erases another.
async fn part(fleet: &Fleet, clinic: &Clinic, (goes, stays): (&str, &str), leaver: &str) {
    for (method, path, body, expected) in [
        (
            Method::POST,
            format!("/patients/{goes}/merge"),
            json!({ "intoId": stays }),
            200,
        ),
        (
            Method::POST,
            format!("/patients/{goes}/merge"),
            json!({ "intoId": stays }),
            409,
        ),
        (
            Method::GET,
            format!("/patients/{stays}/export"),
            Value::Null,
            200,
        ),
        (
            Method::DELETE,
            format!("/patients/{leaver}"),
            Value::Null,
            204,
        ),
        (
            Method::GET,
            format!("/patients?phone={}", PHONE.replace('+', "%2B")),
            Value::Null,
            200,
        ),
    ] {
        let (status, answer) = clinic.call(fleet, method, &path, body).await;
        assert_eq!(status, expected, "{path}: {answer}");
    }
}

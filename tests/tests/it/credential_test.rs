//! A clinic asks whether its Twilio account works, and Twilio itself answers.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_testkit::eventually;
use voxanne_tests::{Clinic, Fleet};

const TEST: &str = "/credentials/twilio/test";

/// A clinic with the account that `auth_token` should open.
async fn connect(fleet: &Fleet, clinic: &Clinic, auth_token: &str) {
    let body = json!({
        "accountSid": clinic.account_sid, "authToken": auth_token, "from": clinic.from,
    });
    let path = "/credentials/twilio";
    let (status, answer) = clinic.call(fleet, Method::PUT, path, body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["status"], "unverified");
}

async fn test(fleet: &Fleet, clinic: &Clinic) -> (StatusCode, Value) {
    clinic.call(fleet, Method::POST, TEST, json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clinic_is_told_what_twilio_says_to_its_account() {
    let fleet = Fleet::start().await;
    let clinic = Clinic::sign_up(&fleet, "acme").await;
    let (status, none) = test(&fleet, &clinic).await;
    assert_eq!(
        (status, &none["code"]),
        (StatusCode::NOT_FOUND, &json!("CREDENTIAL_NOT_FOUND"))
    );
    let account = json!({
        "accountSid": clinic.account_sid, "authToken": clinic.auth_token, "numbers": [clinic.from],
    });
    let (status, answer) = fleet
        .sandbox(Method::POST, "/twilio/accounts", account)
        .await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");

    connect(&fleet, &clinic, "0123456789abcdef0123456789abcdef").await;
    let (status, refused) = test(&fleet, &clinic).await;
    assert_eq!(status, StatusCode::OK, "{refused}");
    assert_eq!(refused["status"], "rejected");
    let words = refused["verdict"].as_str().expect("words");
    assert!(
        words.contains("refuses the clinic's credentials"),
        "{words}"
    );
    assert!(!refused.to_string().contains("0123456789abcdef"));

    connect(&fleet, &clinic, &clinic.auth_token).await;
    let (status, accepted) = test(&fleet, &clinic).await;
    assert_eq!(status, StatusCode::OK, "{accepted}");
    assert_eq!(accepted["status"], "ok");
    assert!(accepted["verdict"].is_string() && accepted["lastVerifiedAt"].is_string());

    let fault = json!({ "target": "twilio", "mode": "error", "count": 1 });
    let (status, answer) = fleet.sandbox(Method::POST, "/faults", fault).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let (status, away) = test(&fleet, &clinic).await;
    assert_eq!(
        (status, &away["code"]),
        (
            StatusCode::SERVICE_UNAVAILABLE,
            &json!("PROVIDER_UNAVAILABLE")
        )
    );
    let (_, shown) = clinic
        .call(&fleet, Method::GET, "/credentials/twilio", Value::Null)
        .await;
    assert_eq!(shown["status"], "ok", "no answer changes nothing");
    noted_for_the_member(&fleet, &clinic).await;
}

/// Both answers are in the log, in the name of who asked.
async fn noted_for_the_member(fleet: &Fleet, clinic: &Clinic) {
    let path = "/audit?action=credential.tested";
    let (status, log) = clinic.call(fleet, Method::GET, path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{log}");
    let entries = log["items"].as_array().expect("entries");
    assert_eq!(entries.len(), 2, "{log}");
    let callers = entries.iter().map(|entry| entry["caller"].as_str());
    let callers: Vec<_> = callers.map(|caller| caller.expect("a caller")).collect();
    assert!(
        callers.iter().all(|caller| caller.starts_with("user:usr_")),
        "{callers:?}"
    );
}

/// Another clinic's door is knocked at: the log of who knocked says so, and the other's does not.
#[tokio::test(flavor = "multi_thread")]
async fn who_tries_another_clinics_door_is_in_their_own_log() {
    let fleet = Fleet::start().await;
    let acme = Clinic::sign_up(&fleet, "acme").await;
    let globex = Clinic::sign_up(&fleet, "globex").await;
    for path in ["/bookings", "/patients", "/bookings"] {
        let path = acme.path(path);
        let refused = fleet
            .call(Method::GET, &path, &globex.token, Value::Null)
            .await;
        assert_eq!(refused.1["code"], "ORG_MISMATCH");
    }
    let noted = async |clinic: &Clinic| {
        let path = "/audit?action=org.entry_refused";
        let (_, log) = clinic.call(&fleet, Method::GET, path, Value::Null).await;
        log["items"].as_array().expect("entries").len()
    };
    eventually("the refusal is noted", || async {
        noted(&globex).await == 1
    })
    .await;
    assert_eq!(noted(&acme).await, 0);
}

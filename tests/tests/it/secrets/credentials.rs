//! A clinic's credentials, and what is answered about them to those who may ask.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet};

use super::flows::Canaries;

const REFRESH_TOKEN: &str = "canary-of-a-google-refresh-token";
const ACCESS_TOKEN: &str = "canary-of-a-google-access-token";

/// Stores, shows and tests credentials; gives the secrets in them, and every answer.
pub(super) async fn run(fleet: &Fleet, clinic: &Clinic) -> (Canaries, String) {
    let google = json!({
        "account": "desk@clinic.example", "refreshToken": REFRESH_TOKEN,
        "accessToken": ACCESS_TOKEN,
    });
    let mut told = String::new();
    for (method, path, body) in [
        (Method::PUT, "/credentials/google", google),
        (Method::GET, "/credentials/google", Value::Null),
        (Method::GET, "/credentials/twilio", Value::Null),
        (Method::POST, "/credentials/twilio/test", json!({})),
    ] {
        let (status, answer) = clinic.call(fleet, method, path, body).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        assert_eq!(answer["configured"], true, "{path}: {answer}");
        told += &format!("{path}: {answer}\n");
    }
    let secrets = [
        ("Google's refresh token", REFRESH_TOKEN),
        ("Google's access token", ACCESS_TOKEN),
    ];
    let secrets = secrets.map(|(what, secret)| (what, secret.to_owned()));
    (secrets.into(), told)
}

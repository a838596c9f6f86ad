//! Sessions, and every token that they are made of.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet};

use super::{flows::Canaries, refusals::Refusals};

pub(super) const PASSWORD: &str = "correct horse battery staple";
pub(super) const WRONG_PASSWORD: &str = "canary-of-a-wrong-password";

/// Signs in, refreshes and signs out, rightly and wrongly; gives every token there was.
pub(super) async fn run(fleet: &Fleet, clinic: &Clinic, refusals: &mut Refusals) -> Canaries {
    let mut secrets = Canaries::new();
    let login = json!({ "email": clinic.email, "password": PASSWORD });
    let (cookie, token) = begin(fleet, "/api/auth/login", "", login.clone()).await;
    let (newer, fresh) = begin(fleet, "/api/auth/refresh", &cookie, Value::Null).await;
    let (newest, freshest) = begin(fleet, "/api/auth/refresh", &newer, Value::Null).await;
    // The oldest cookie comes a second time, after what it was exchanged for: the session ends.
    let again = post(fleet, "/api/auth/refresh", &cookie, Value::Null).await;
    let status = refusals.take("a used cookie", again).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let wrong = json!({ "email": clinic.email, "password": WRONG_PASSWORD });
    let refused = post(fleet, "/api/auth/login", "", wrong).await;
    let status = refusals.take("a wrong password", refused).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let taken = json!({
        "email": clinic.email, "password": PASSWORD, "clinicName": "Again", "timeZone": "UTC",
    });
    let refused = post(fleet, "/api/auth/signup", "", taken).await;
    let status = refusals.take("an address with an account", refused).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (last, leaving) = begin(fleet, "/api/auth/login", "", login).await;
    for password in [WRONG_PASSWORD, PASSWORD] {
        let (path, body) = ("/api/auth/second-factor", json!({ "password": password }));
        let begun = fleet.call(Method::POST, path, &leaving, body).await;
        if let Some(secret) = begun.1["secret"].as_str() {
            secrets.push(("an app's secret", secret.to_owned()));
        }
        refusals.note("a second factor", begun);
    }
    assert_eq!(secrets.len(), 1, "the right password begins it");
    let (status, answer) = fleet
        .call(Method::POST, "/api/auth/logout", &leaving, Value::Null)
        .await;
    assert!(status.is_success(), "{answer}");
    for cookie in [cookie, newer, newest, last] {
        let (_, value) = cookie.split_once('=').expect("a cookie has a value");
        secrets.push(("a refresh token", value.to_owned()));
        // Its end is of the part that only its holder knows.
        let random = &value[value.len() - 24..];
        secrets.push(("a refresh token's secret", random.to_owned()));
    }
    for token in [token, fresh, freshest, leaving] {
        secrets.extend(jwt("an access token", &token));
    }
    secrets
}

/// The parts of a token that say who it is for and prove it.
pub(super) fn jwt(what: &'static str, token: &str) -> Canaries {
    token
        .split('.')
        .skip(1)
        .map(|part| (what, part.to_owned()))
        .collect()
}

async fn begin(fleet: &Fleet, path: &str, cookie: &str, body: Value) -> (String, String) {
    let answer = post(fleet, path, cookie, body).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    let cookie = answer.headers()[header::SET_COOKIE]
        .to_str()
        .expect("ASCII");
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let text = answer.text().await.expect("a body");
    let session: Value = serde_json::from_str(&text).expect("JSON");
    (
        cookie,
        session["accessToken"].as_str().expect("a token").to_owned(),
    )
}

async fn post(fleet: &Fleet, path: &str, cookie: &str, body: Value) -> reqwest::Response {
    let mut request = fleet.http.post(format!("http://{}{path}", fleet.gateway));
    if !cookie.is_empty() {
        request = request.header(header::COOKIE, cookie);
    }
    if !body.is_null() {
        request = request.json(&body);
    }
    request.send().await.expect("the gateway answers")
}

//! A key of a clinic's program, in every place where somebody may put it.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet, Socket};

use super::{flows::Canaries, refusals::Refusals};

/// Makes keys, uses them rightly and wrongly, and revokes one; gives every secret there was.
pub(super) async fn run(fleet: &Fleet, clinic: &Clinic, refusals: &mut Refusals) -> Canaries {
    let (id, used) = make(fleet, clinic).await;
    let (_, odd) = make(fleet, clinic).await;
    let bookings = clinic.path("/bookings");
    let mut status = async |key: &str, path: &str| {
        let answer = fleet.call(Method::GET, path, key, Value::Null).await;
        let status = answer.0;
        refusals.note("an API key", answer);
        status
    };
    for _ in 0..2 {
        assert_eq!(status(&used, &bookings).await, StatusCode::OK);
    }
    let patients = clinic.path("/patients");
    assert_eq!(status(&used, &patients).await, StatusCode::FORBIDDEN);
    drop(
        Socket::connect(fleet, &used)
            .await
            .expect("its scopes let it listen"),
    );
    misplace(fleet, &bookings, &odd).await;
    let path = clinic.path(&format!("/api-keys/{id}"));
    let (revoked, answer) = fleet
        .call(Method::DELETE, &path, &clinic.token, Value::Null)
        .await;
    assert!(revoked.is_success(), "{answer}");
    assert_eq!(status(&used, &bookings).await, StatusCode::UNAUTHORIZED);
    assert!(
        Socket::connect(fleet, &used).await.is_err(),
        "it is revoked"
    );
    // Without its prefix: that is the form in which its bytes would stand in a table, too.
    [("an API key", used), ("a misplaced API key", odd)]
        .map(|(what, key)| (what, key.trim_start_matches("vxk_")[..64].to_owned()))
        .into()
}

async fn make(fleet: &Fleet, clinic: &Clinic) -> (String, String) {
    let key = json!({ "name": "CRM", "scopes": ["bookings:read", "events:read"] });
    let (status, made) = clinic.call(fleet, Method::POST, "/api-keys", key).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    (text("id"), text("secret"))
}

/// Sends a good key where it does not belong, and with a slip of the hand where it does.
async fn misplace(fleet: &Fleet, path: &str, key: &str) {
    let url = format!("http://{}{path}", fleet.gateway);
    let get = || fleet.http.get(&url);
    let slip = format!("{key}0");
    for request in [
        get().query(&[("access_token", key), ("cursor", key)]),
        get().header(header::COOKIE, format!("token={key}")),
        get().header("x-api-key", key),
        get().basic_auth(key, Some(key)),
        get().bearer_auth(&slip),
        get().header(header::USER_AGENT, key),
        fleet
            .http
            .get(format!("http://{}/api/org/{key}/bookings", fleet.gateway)),
        fleet
            .http
            .post(&url)
            .json(&json!({ key: key, "serviceId": key, "notes": key })),
    ] {
        let answer = request.send().await.expect("the gateway answers");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let text = answer.text().await.expect("a body");
        assert!(!text.contains(&key[4..68]), "{text}");
    }
}

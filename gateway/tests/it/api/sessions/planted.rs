//! A cookie that was there before somebody signed in.

use axum::http::Method;
use serde_json::json;

use super::behind;
use crate::api::fixture::{Person, reply};

/// Who gets a cookie into another's browser does not share the session that begins there.
#[tokio::test]
async fn a_planted_cookie_is_not_the_session_that_begins() {
    let api = behind(Person::new("owner")).start().await;
    let login = json!({ "email": "ada@acme.test", "password": "right" });
    let signup = json!({
        "email": "ada@acme.test", "password": "correct horse", "clinicName": "Acme",
        "timeZone": "America/New_York",
    });
    for (path, form, status) in [
        ("/api/auth/login", login, 200),
        ("/api/auth/signup", signup, 201),
    ] {
        // One that identity would go on with, and one that it never gave.
        for planted in ["refresh-0", "planted"] {
            let request = api
                .request(Method::POST, path)
                .header("cookie", format!("voxanne_refresh={planted}"));
            let got = reply(request.json(&form)).await;
            assert_eq!(got.status, status, "{path}: {got:?}");
            let cookies = got.headers.get_all("set-cookie").iter();
            let given: Vec<_> = cookies
                .filter_map(|cookie| cookie.to_str().ok()?.strip_prefix("voxanne_refresh="))
                .collect();
            assert_eq!(given.len(), 1, "{path}: {given:?}");
            assert!(given[0].starts_with("refresh-1;"), "{path}: {given:?}");
        }
    }
}

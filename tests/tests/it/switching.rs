//! Going on in another clinic takes the cookie of the session, as going on in the same one does.

use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use voxanne_tests::Fleet;

/// A browser that is signed in.
struct Browser {
    token: String,
    cookie: String,
    org: String,
}

/// Posts with an access token, and with whatever headers a browser adds.
async fn post(
    fleet: &Fleet,
    path: &str,
    token: &str,
    headers: &[(header::HeaderName, &str)],
    body: Value,
) -> reqwest::Response {
    let url = format!("http://{}/api/auth/{path}", fleet.gateway);
    let mut request = fleet.http.post(url).json(&body);
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    request.send().await.expect("the gateway answers")
}

async fn begun(answer: reqwest::Response) -> Browser {
    assert!(answer.status().is_success(), "{}", answer.status());
    let cookie = answer.headers()[header::SET_COOKIE].to_str();
    let cookie = cookie.expect("ASCII").split(';').next();
    let cookie = cookie.expect("a name and a value").to_owned();
    let session: Value = answer.json().await.expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    Browser {
        token: text(&session["accessToken"]),
        cookie,
        org: text(&session["org"]["id"]),
    }
}

async fn refused(answer: reqwest::Response) -> (StatusCode, String) {
    let status = answer.status();
    assert!(!answer.headers().contains_key(header::SET_COOKIE));
    let problem: Value = answer.json().await.expect("JSON");
    let code = problem["code"].as_str().expect("a code").to_owned();
    (status, code)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_alone_does_not_become_a_session() {
    let fleet = Fleet::start().await;
    let account = json!({ "email": "lee@acme.example", "password": "correct horse battery",
        "clinicName": "Acme", "timeZone": "UTC" });
    let lee = begun(post(&fleet, "signup", "", &[], account.clone()).await).await;
    let login = json!({ "email": account["email"], "password": account["password"] });
    let other = begun(post(&fleet, "login", "", &[], login).await).await;
    // One's own clinic will do: a session would begin there as well.
    let to = json!({ "orgId": lee.org });
    let (own, others) = (lee.cookie.as_str(), other.cookie.as_str());
    let elsewhere = "https://elsewhere.example";
    for (headers, status, code) in [
        (vec![], 401, "REFRESH_TOKEN_MISSING"),
        (vec![(header::COOKIE, others)], 401, "INVALID_REFRESH_TOKEN"),
        (
            vec![(header::COOKIE, own), (header::ORIGIN, elsewhere)],
            403,
            "ORIGIN_FORBIDDEN",
        ),
    ] {
        let answer = post(&fleet, "switch", &lee.token, &headers, to.clone()).await;
        let (refused, why) = refused(answer).await;
        assert_eq!((refused.as_u16(), &*why), (status, code));
    }
    let cookie = [(header::COOKIE, own)];
    let there = begun(post(&fleet, "switch", &lee.token, &cookie, to).await).await;
    let next = [(header::COOKIE, there.cookie.as_str())];
    assert_eq!(
        begun(post(&fleet, "refresh", "", &next, Value::Null).await)
            .await
            .org,
        lee.org
    );
    let left = post(&fleet, "refresh", "", &cookie, Value::Null).await;
    assert_eq!(left.status(), StatusCode::UNAUTHORIZED);
    let theirs = [(header::COOKIE, others)];
    begun(post(&fleet, "refresh", "", &theirs, Value::Null).await).await;
}

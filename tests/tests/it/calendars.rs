//! Calendars as a browser and a calendar program meet them.

use reqwest::{Client, Method, StatusCode, header, redirect};
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet};

const ACCOUNT: &str = "doctor@sandbox.example";

#[tokio::test(flavor = "multi_thread")]
async fn only_the_browser_that_asked_can_bring_the_answer() {
    let fleet = Fleet::start().await;
    let clinic = Clinic::open(&fleet, "acme").await;
    let provider = &clinic.provider;
    let browser = Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .expect("plain settings make a client");
    let ask = async || {
        let gateway = fleet.gateway;
        let start = format!("http://{gateway}/api/google/oauth/start?providerId={provider}");
        let asked = browser.get(start).bearer_auth(&clinic.token);
        let asked = asked.send().await.expect("an answer");
        let cookie = asked.headers()[header::SET_COOKIE]
            .to_str()
            .expect("text")
            .to_owned();
        let question: Value = asked.json().await.expect("JSON");
        let consent = json!({ "url": question["url"], "account": ACCOUNT });
        let (_, answer) = fleet
            .sandbox(Method::POST, "/google/consent", consent)
            .await;
        (
            cookie,
            answer["location"].as_str().expect("an address").to_owned(),
        )
    };
    let back = async |address: &str, cookie: &str| {
        let cookie = cookie.split(';').next().unwrap_or_default();
        let request = browser.get(address).header(header::COOKIE, cookie);
        request.send().await.expect("an answer")
    };
    let (cookie, address) = ask().await;
    let words = ["HttpOnly", "SameSite=Lax", "Path=/api/google/oauth"];
    assert!(words.iter().all(|word| cookie.contains(word)), "{cookie}");
    let refused = back(&address, "").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let problem: Value = refused.json().await.expect("JSON");
    assert_eq!(problem["code"], "OAUTH_STATE_INVALID");
    let (cookie, address) = ask().await;
    let finished = back(&address, &cookie).await;
    assert_eq!(finished.status(), StatusCode::SEE_OTHER);
    let page = finished.headers()[header::LOCATION].to_str().expect("text");
    assert_eq!(page, format!("/settings/calendars?connected={provider}"));
    assert_eq!(
        back(&address, &cookie).await.status(),
        StatusCode::BAD_REQUEST
    );
    asked_about_and_given_back(&fleet, &clinic).await;
}

/// The clinic's calendar is connected, Google is asked about it, and the consent is given back.
async fn asked_about_and_given_back(fleet: &Fleet, clinic: &Clinic) {
    let provider = &clinic.provider;
    let (status, listed) = clinic
        .call(fleet, Method::GET, "/calendars", Value::Null)
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(listed["items"][0]["state"], "connected", "{listed}");
    let path = format!("/calendars/{provider}");
    let test = format!("{path}/test");
    let (status, tested) = clinic.call(fleet, Method::POST, &test, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{tested}");
    assert_eq!(tested["state"], "connected", "{tested}");
    assert!(tested["verdict"].is_string(), "{tested}");
    let (status, answer) = clinic.call(fleet, Method::DELETE, &path, Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    let (status, gone) = clinic.call(fleet, Method::POST, &test, Value::Null).await;
    assert_eq!(
        (status, &gone["code"]),
        (StatusCode::CONFLICT, &json!("CALENDAR_NOT_CONNECTED"))
    );
    let path = format!("/google/connections?account={ACCOUNT}");
    let (_, left) = fleet.sandbox(Method::GET, &path, Value::Null).await;
    assert_eq!(left["consents"], false, "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_opens_with_its_key_at_its_own_clinic_only() {
    let fleet = Fleet::start().await;
    let acme = Clinic::open(&fleet, "acme").await;
    let globex = Clinic::open(&fleet, "globex").await;
    let path = format!("/providers/{}/feed-key", acme.provider);
    let (status, made) = acme.call(&fleet, Method::POST, &path, Value::Null).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let url = made["url"].as_str().expect("an address");
    let read = async |url: &str, known: Option<&str>| {
        let mut request = fleet.http.get(url);
        if let Some(known) = known {
            request = request.header(header::IF_NONE_MATCH, known);
        }
        request.send().await.expect("an answer")
    };
    let feed = read(url, None).await;
    assert_eq!(feed.status(), StatusCode::OK);
    let kind = feed.headers()[header::CONTENT_TYPE].to_str().expect("text");
    assert_eq!(kind, "text/calendar; charset=utf-8");
    let tag = feed.headers()[header::ETAG]
        .to_str()
        .expect("text")
        .to_owned();
    let text = feed.text().await.expect("text");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n"), "{text}");
    assert_eq!(
        read(url, Some(&tag)).await.status(),
        StatusCode::NOT_MODIFIED
    );
    let elsewhere = url.replace(&acme.org, &globex.org);
    for wrong in [
        elsewhere.as_str(),
        &format!("{url}x"),
        &url.replace("key=", "key=A"),
    ] {
        let refused = read(wrong, None).await;
        assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{wrong}");
        let problem: Value = refused.json().await.expect("JSON");
        assert_eq!(problem["code"], "FEED_NOT_FOUND");
    }
}

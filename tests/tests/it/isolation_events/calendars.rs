//! Everything that can happen to a calendar.

use std::time::Duration;

use reqwest::{Client, Method, StatusCode, header, redirect};
use serde_json::{Value, json};
use voxanne_testkit::{eventually, eventually_within};
use voxanne_tests::Fleet;

use crate::belongings::Belongings;

/// Connects a calendar, has somebody delete the booking in Google, and then take the consent back.
pub(super) async fn connect_and_lose(fleet: &Fleet, one: &Belongings) {
    let account = format!("doctor-of-{}", one.clinic.email);
    connect(fleet, one, &account).await;
    let events = format!("/google/events?account={account}");
    let event = || async {
        let (_, found) = fleet.sandbox(Method::GET, &events, Value::Null).await;
        found["items"][0]["id"].as_str().map(str::to_owned)
    };
    eventually("the booking stands in the calendar", || async {
        event().await.is_some()
    })
    .await;
    let connections = format!("/google/connections?account={account}");
    eventually("Google has a channel to ring with", || async {
        let (_, found) = fleet.sandbox(Method::GET, &connections, Value::Null).await;
        found["channels"]
            .as_array()
            .is_some_and(|channels| !channels.is_empty())
    })
    .await;
    let id = event().await.expect("an event");
    let path = format!("/google/events/{id}?account={account}");
    let (status, answer) = fleet.sandbox(Method::DELETE, &path, Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    tells(fleet, one, "calendar.conflict").await;
    let over = json!({ "account": account, "what": "consents" });
    let (status, answer) = fleet.sandbox(Method::POST, "/google/forget", over).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    // Any change has Google ring, and what is asked then is refused.
    let lunch = json!({
        "start": { "dateTime": "2030-01-07T12:00:00Z" },
        "end": { "dateTime": "2030-01-07T13:00:00Z" },
    });
    let (status, answer) = fleet.sandbox(Method::POST, &events, lunch).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    tells(fleet, one, "calendar.degraded").await;
    // Nobody is booked whose calendar is unknown, and the booking is to be moved next.
    let path = format!("/calendars/{}", one.provider);
    let (status, answer) = one
        .clinic
        .call(fleet, Method::DELETE, &path, Value::Null)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
}

async fn connect(fleet: &Fleet, one: &Belongings, account: &str) {
    // A browser keeps the cookie and shows where it is sent.
    let browser = Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .expect("plain settings make a client");
    let start = format!(
        "http://{}/api/google/oauth/start?providerId={}",
        fleet.gateway, one.provider
    );
    let asked = browser.get(start).bearer_auth(&one.clinic.token);
    let asked = asked.send().await.expect("an answer");
    assert_eq!(asked.status(), StatusCode::OK);
    let cookie = asked.headers()[header::SET_COOKIE].to_str().expect("text");
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let question: Value = asked.json().await.expect("JSON");
    let consent = json!({ "url": question["url"], "account": account });
    let (status, answer) = fleet
        .sandbox(Method::POST, "/google/consent", consent)
        .await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let back = answer["location"].as_str().expect("an address");
    let back = browser.get(back).header(header::COOKIE, cookie);
    let back = back.send().await.expect("an answer");
    assert_eq!(
        back.status(),
        StatusCode::SEE_OTHER,
        "{:?}",
        back.text().await
    );
    tells(fleet, one, "calendar.connected").await;
}

/// Whoever dies or stalls while it works on a calendar has it leased for a while.
const LEASED: Duration = Duration::from_secs(120);

async fn tells(fleet: &Fleet, one: &Belongings, kind: &str) {
    eventually_within(LEASED, &format!("{kind} is told"), || async {
        let log = super::kinds::read(fleet, one).await;
        log.values().any(|(told, _)| told == kind)
    })
    .await;
}

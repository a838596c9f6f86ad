//! A patient calls, a booking is made, a text goes out, and the clinic's dashboards see it.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_testkit::eventually;
use voxanne_tests::{Clinic, Fleet, Socket};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_becomes_a_booking_a_text_and_a_live_update() {
    let fleet = Fleet::start().await;
    let (acme, globex) = tokio::join!(Clinic::open(&fleet, "acme"), Clinic::open(&fleet, "globex"));
    let (mut dashboard, _) = Socket::open(&fleet, &acme).await;
    let (mut elsewhere, _) = Socket::open(&fleet, &globex).await;

    let (status, call) = fleet
        .sandbox(
            Method::POST,
            "/vapi/calls",
            json!({
                "assistantId": acme.assistant,
                "from": "+14155552671",
                "turns": [
                    { "say": "I would like an appointment" },
                    { "tool": "getCalendarSlots", "arguments": {} },
                    { "tool": "bookClinicAppointment",
                      "arguments": { "slotId": "$slot:0", "patientName": "Grace Hopper" } },
                ],
            }),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED, "{call}");
    let booked = outcome(&call["turns"], "bookClinicAppointment");
    let booking = booked["data"]["bookingId"]
        .as_str()
        .expect("a booking id")
        .to_owned();

    let created = dashboard.event("booking.created").await;
    assert_eq!(created["data"]["bookingId"], booking.as_str());
    let sent = dashboard.event("message.sent").await;
    assert_eq!(sent["data"]["bookingId"], booking.as_str());
    assert!(sent["seq"].as_i64() > created["seq"].as_i64());
    dashboard.event("message.delivered").await;
    for heard in [&created, &sent] {
        let text = heard.to_string();
        assert!(
            !text.contains("Hopper") && !text.contains("4155552671"),
            "{text}"
        );
    }

    let texts = acme.texts(&fleet).await;
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert_eq!(texts[0]["to"], "+14155552671");
    assert!(
        texts[0]["body"]
            .as_str()
            .expect("a body")
            .contains("acme clinic")
    );

    let path = format!("/bookings/{booking}");
    let (status, stored) = acme.call(&fleet, Method::GET, &path, Value::Null).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(stored["patient"]["name"], "Grace Hopper");
    assert_eq!(stored["source"], "voice");
    let (_, messages) = acme
        .call(&fleet, Method::GET, "/messages", Value::Null)
        .await;
    assert_eq!(messages["items"][0]["state"], "delivered", "{messages}");

    the_other_clinic_saw_nothing(&fleet, &globex, &mut elsewhere, &path).await;
    the_call_is_on_record(&fleet, &acme, &booking).await;
}

async fn the_other_clinic_saw_nothing(
    fleet: &Fleet,
    globex: &Clinic,
    elsewhere: &mut Socket,
    path: &str,
) {
    let heard = elsewhere.within(Duration::from_millis(500)).await;
    assert_eq!(heard, None, "another clinic's event");
    let (status, _) = globex.call(fleet, Method::GET, path, Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (_, bookings) = globex
        .call(fleet, Method::GET, "/bookings", Value::Null)
        .await;
    assert_eq!(bookings["items"], json!([]));
    assert_eq!(globex.texts(fleet).await, Vec::<Value>::new());
}

async fn the_call_is_on_record(fleet: &Fleet, acme: &Clinic, booking: &str) {
    eventually("the call has ended", || async {
        let (_, calls) = acme.call(fleet, Method::GET, "/calls", Value::Null).await;
        calls["items"][0]["status"] == "ended"
    })
    .await;
    let (_, calls) = acme.call(fleet, Method::GET, "/calls", Value::Null).await;
    let id = calls["items"][0]["id"].as_str().expect("a call id");
    let (_, call) = acme
        .call(fleet, Method::GET, &format!("/calls/{id}"), Value::Null)
        .await;
    assert_eq!(call["tools"].as_array().map(Vec::len), Some(2), "{call}");
    assert_eq!(call["bookingIds"], json!([booking]), "{call}");
}

/// What the agent heard of the turn that used `tool`.
fn outcome(turns: &Value, tool: &str) -> Value {
    let turn = turns
        .as_array()
        .and_then(|turns| turns.iter().find(|turn| turn["tool"] == tool))
        .unwrap_or_else(|| panic!("no turn used {tool}: {turns}"));
    match &turn["result"] {
        Value::String(line) => serde_json::from_str(line).expect("a result is JSON"),
        other => panic!("{tool} gave {other}, {turn}"),
    }
}

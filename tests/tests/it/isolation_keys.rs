//! An idempotency key means something in one organisation only.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet};

const KEY: &str = "the-same-key";

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_one_clinic_is_new_to_another() {
    let fleet = Fleet::start().await;
    let (acme, globex) = tokio::join!(Clinic::open(&fleet, "acme"), Clinic::open(&fleet, "globex"));
    // Neither path nor body says whose agent it is.
    let agent = json!({
        "name": "Night desk",
        "systemPrompt": "You answer the phone at night.",
        "firstMessage": "Good evening.",
        "voice": { "provider": "vapi", "voiceId": "Elliot" },
        "model": { "provider": "openai", "model": "gpt-4o" },
        "language": "en-US",
    });
    let path = "/api/founders/save-agent";
    let first = send(&fleet, &acme, path, &agent).await;
    let other = send(&fleet, &globex, path, &agent).await;
    assert_eq!((first.status, first.replayed), (StatusCode::OK, false));
    assert_eq!((other.status, other.replayed), (StatusCode::OK, false));
    assert_ne!(first.body["agent"]["id"], other.body["agent"]["id"]);
    let again = send(&fleet, &acme, path, &agent).await;
    assert!(again.replayed);
    assert_eq!(again.body, first.body);

    // Nor whose booking: to Globex the id is unknown, also under a key that Acme's answer lies under.
    let booking = book(&fleet, &acme).await;
    let confirmation = json!({ "bookingId": booking });
    let path = "/api/booking/confirm";
    let confirmed = send(&fleet, &acme, path, &confirmation).await;
    assert_eq!(
        (confirmed.status, &confirmed.body["id"]),
        (StatusCode::OK, &json!(booking))
    );
    let refused = send(&fleet, &globex, path, &confirmation).await;
    assert_eq!(
        (refused.status, refused.replayed, &refused.body["code"]),
        (StatusCode::NOT_FOUND, false, &json!("BOOKING_NOT_FOUND"))
    );
    let again = send(&fleet, &acme, path, &confirmation).await;
    assert_eq!((again.replayed, again.body), (true, confirmed.body));
}

struct Sent {
    status: StatusCode,
    replayed: bool,
    body: Value,
}

async fn send(fleet: &Fleet, clinic: &Clinic, path: &str, body: &Value) -> Sent {
    let request = fleet
        .http
        .post(format!("http://{}{path}", fleet.gateway))
        .bearer_auth(&clinic.token)
        .header("X-Idempotency-Key", KEY)
        .json(body);
    let answer = request.send().await.expect("the gateway answers");
    let status = answer.status();
    let replayed = answer.headers().contains_key("idempotency-replayed");
    let text = answer.text().await.expect("a body");
    Sent {
        status,
        replayed,
        body: serde_json::from_str(&text).expect("JSON"),
    }
}

async fn book(fleet: &Fleet, clinic: &Clinic) -> String {
    let slot = clinic.slots(fleet).await.swap_remove(0);
    let body = json!({
        "serviceId": clinic.service,
        "startsAt": slot["startsAt"],
        "patient": { "name": "Ann Other", "phone": "+12125550133" },
    });
    let (status, booking) = clinic.call(fleet, Method::POST, "/bookings", body).await;
    assert_eq!(status, StatusCode::CREATED, "{booking}");
    booking["id"].as_str().expect("an id").to_owned()
}

//! The main flows, and the ways they fail, with values that are easy to find again.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_testkit::eventually;
use voxanne_tests::{Clinic, Fleet, KEY, Socket};

use super::{
    api_keys, credentials, injection, links, odd, people,
    refusals::{self, Refusals},
    sessions, visits,
};

/// Values by what they are.
pub(super) type Canaries = Vec<(&'static str, String)>;

/// Everything that was let loose.
pub(super) struct Loose {
    pub(super) secrets: Canaries,
    pub(super) personal: Canaries,
    /// Where those who sign in read their mail.
    pub(super) accounts: Canaries,
    /// What was answered to requests that are not acceptable.
    pub(super) refusals: String,
    /// What was answered to those who may ask for credentials.
    pub(super) answers: String,
}

const GARBAGE_TOKEN: &str = "canary-of-a-token";
const WRONG_SECRET: &str = "canary-of-a-wrong-webhook-secret";
pub(super) const NAME: &str = "Quentin Canarywright";
pub(super) const PHONE: &str = "+12125550187";
pub(super) const EMAIL: &str = "quentin@canarywright.example";
pub(super) const BIRTHDAY: &str = "1931-07-19";
pub(super) const CALLER_NAME: &str = "Millicent Songbird";
pub(super) const CALLER: &str = "+12125550188";
pub(super) const NOTES: &str = "canary of an aching molar";
pub(super) const REASON: &str = "canary of a chipped incisor";
pub(super) const SAID: &str = "canary of a trembling voice";
const BODY: &str = "canary of a text message";
const REPLY: &str = "canary of a reply";
pub(super) const BAD_PHONE: &str = "canary-for-a-number";
/// How Twilio fails, each time for a text to a number of its own.
const FAULTS: [(&str, &str); 4] = [
    ("error", "+12125550191"),
    ("rate_limited", "+12125550192"),
    ("down", "+12125550193"),
    ("timeout_after_accept", "+12125550194"),
];

pub(super) async fn run(fleet: &Fleet) -> Loose {
    let clinic = Clinic::open(fleet, "acme").await;
    let (_dashboard, _) = Socket::open(fleet, &clinic).await;
    let mut refusals = Refusals::default();
    let mut secrets = sessions::run(fleet, &clinic, &mut refusals).await;
    secrets.extend(api_keys::run(fleet, &clinic, &mut refusals).await);
    secrets.extend(links::run(fleet, &clinic, &mut refusals).await);
    let (stored, answers) = credentials::run(fleet, &clinic).await;
    secrets.extend(stored);
    book(fleet, &clinic, &mut refusals).await;
    telephone(fleet, &clinic).await;
    write(fleet, &clinic).await;
    intrude(fleet, &clinic, &mut refusals).await;
    fail(fleet, &clinic).await;
    visits::run(fleet, &clinic, &mut refusals).await;
    odd::read(fleet, &clinic).await;
    odd::hear(fleet, &clinic, &mut refusals).await;
    injection::send(fleet, &clinic).await;
    refusals::provoke(fleet, &clinic, &mut refusals).await;
    secrets.extend(sessions::jwt("the access token", &clinic.token));
    secrets.extend([
        ("the password", sessions::PASSWORD.to_owned()),
        ("a wrong password", sessions::WRONG_PASSWORD.to_owned()),
        ("a garbage token", GARBAGE_TOKEN.to_owned()),
        ("a wrong webhook secret", WRONG_SECRET.to_owned()),
        ("the Twilio token", clinic.auth_token.clone()),
        ("the operator's token", fleet.operator_token().to_owned()),
        (
            "a key of the fleet",
            KEY.trim_start_matches("k1:").to_owned(),
        ),
    ]);
    let accounts = [
        ("an owner's address", clinic.email.clone()),
        ("a guest's address", links::GUEST.to_owned()),
    ];
    Loose {
        secrets,
        personal: personal(),
        accounts: accounts.into(),
        refusals: refusals.told,
        answers,
    }
}

fn personal() -> Canaries {
    let personal = [
        ("a patient's name", NAME),
        ("a patient's number", &PHONE[1..]),
        ("a patient's address", EMAIL),
        ("a patient's birthday", BIRTHDAY),
        ("a caller's name", CALLER_NAME),
        ("a caller's number", &CALLER[1..]),
        ("notes", NOTES),
        ("a reason", REASON),
        ("what a caller said", SAID),
        ("a text", BODY),
        ("a reply", REPLY),
        ("what was no number", BAD_PHONE),
    ];
    personal
        .map(|(what, value)| (what, value.to_owned()))
        .into()
}

/// Books with a key, repeats, collides, and sends what is not acceptable.
async fn book(fleet: &Fleet, clinic: &Clinic, refusals: &mut Refusals) {
    let patient = json!({ "name": NAME, "phone": PHONE });
    let other = json!({ "name": "Somebody Else", "phone": PHONE });
    let mut id = Value::Null;
    for body in [&patient, &other] {
        let (status, answer) = clinic
            .call(fleet, Method::POST, "/patients", body.clone())
            .await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        id = answer["id"].clone();
    }
    people::run(fleet, clinic).await;
    let path = format!("/patients/{}", id.as_str().expect("an id"));
    let (status, answer) = clinic
        .call(fleet, Method::PATCH, &path, patient.clone())
        .await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    refusals.note("another's number", (status, answer));
    let slot = clinic.slots(fleet).await.swap_remove(0);
    let booking = json!({
        "serviceId": clinic.service, "startsAt": slot["startsAt"], "providerId": slot["providerId"],
        "patient": patient, "notes": NOTES,
    });
    let mut other = booking.clone();
    other["notes"] = json!(format!("{NOTES}, changed"));
    let mut bad = booking.clone();
    bad["patient"]["phone"] = json!(BAD_PHONE);
    for (body, key, expected) in [
        (&booking, "one", StatusCode::CREATED),
        (&booking, "one", StatusCode::CREATED),
        (&other, "one", StatusCode::UNPROCESSABLE_ENTITY),
        (&booking, "two", StatusCode::CONFLICT),
        (&bad, "three", StatusCode::BAD_REQUEST),
        (
            &json!({ "patient": NAME, NOTES: PHONE }),
            "four",
            StatusCode::BAD_REQUEST,
        ),
        (&json!(NOTES), "five", StatusCode::BAD_REQUEST),
    ] {
        let request = fleet.http.post(format!(
            "http://{}{}",
            fleet.gateway,
            clinic.path("/bookings")
        ));
        let request = request
            .bearer_auth(&clinic.token)
            .header("X-Idempotency-Key", key)
            .json(body);
        let answer = request.send().await.expect("the gateway answers");
        let status = refusals.take("booking", answer).await;
        assert_eq!(status, expected, "{key}");
    }
}

async fn telephone(fleet: &Fleet, clinic: &Clinic) {
    let script = json!({
        "assistantId": clinic.assistant,
        "from": CALLER,
        "turns": [
            { "say": SAID },
            { "tool": "getCalendarSlots", "arguments": {} },
            { "tool": "bookClinicAppointment", "arguments":
                { "slotId": "$slot:0", "patientName": CALLER_NAME, "reason": REASON } },
            { "tool": "bookClinicAppointment", "arguments":
                { "slotId": REASON, "patientName": CALLER_NAME, "phone": BAD_PHONE } },
            { "tool": "getCalendarSlots", "arguments": { "date": REASON, "serviceName": REASON } },
        ],
    });
    let (status, call) = fleet.sandbox(Method::POST, "/vapi/calls", script).await;
    assert_eq!(status, StatusCode::CREATED, "{call}");
    eventually("the call has ended and both texts have arrived", || async {
        let (_, calls) = clinic.call(fleet, Method::GET, "/calls", Value::Null).await;
        let (_, messages) = clinic
            .call(fleet, Method::GET, "/messages", Value::Null)
            .await;
        let done = |message: &Value| message["state"] == "delivered";
        calls["items"][0]["status"] == "ended"
            && messages["items"]
                .as_array()
                .is_some_and(|all| all.len() == 2 && all.iter().all(done))
    })
    .await;
}

/// Sends a text with a key, twice, and lets a patient answer.
async fn write(fleet: &Fleet, clinic: &Clinic) {
    for _ in 0..2 {
        let request = fleet.http.post(format!(
            "http://{}{}",
            fleet.gateway,
            clinic.path("/messages")
        ));
        let request = request
            .bearer_auth(&clinic.token)
            .header("X-Idempotency-Key", "text");
        let answer = request
            .json(&json!({ "to": PHONE, "body": BODY }))
            .send()
            .await;
        assert!(answer.expect("the gateway answers").status().is_success());
    }
    let reply = json!({ "to": clinic.from, "from": PHONE, "body": REPLY });
    let (status, answer) = fleet.sandbox(Method::POST, "/twilio/inbound", reply).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
}

/// Comes with proofs that prove nothing.
async fn intrude(fleet: &Fleet, clinic: &Clinic, refusals: &mut Refusals) {
    let (status, answer) = fleet
        .call(
            Method::GET,
            &clinic.path("/bookings"),
            GARBAGE_TOKEN,
            Value::Null,
        )
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    refusals.note("a garbage token", (status, answer));
    let (status, answer) = fleet
        .call(
            Method::GET,
            "/api/internal/auth-cache-stats",
            GARBAGE_TOKEN,
            Value::Null,
        )
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    refusals.note("a garbage token", (status, answer));
    let message = json!({ "message": { "type": "status-update", "call": { "customer": { "number": CALLER } } } });
    let url = format!("http://{}/api/webhooks/vapi", fleet.gateway);
    let request = fleet
        .http
        .post(url)
        .header("X-Vapi-Secret", WRONG_SECRET)
        .json(&message);
    let answer = request.send().await.expect("the gateway answers");
    let status = refusals.take("Vapi's webhook", answer).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    for path in ["sms-status", "sms-inbound"] {
        let form = [
            ("AccountSid", &*clinic.account_sid),
            ("From", PHONE),
            ("Body", REPLY),
        ];
        let url = format!("http://{}/api/webhooks/{path}", fleet.gateway);
        let request = fleet
            .http
            .post(url)
            .header("X-Twilio-Signature", WRONG_SECRET)
            .form(&form);
        let answer = request.send().await.expect("the gateway answers");
        let status = refusals.take(path, answer).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
    }
}

/// Twilio and Vapi fail in every way while a text goes out and an agent is saved.
async fn fail(fleet: &Fleet, clinic: &Clinic) {
    for (mode, phone) in FAULTS {
        let fault = json!({ "target": "twilio", "mode": mode, "count": 1 });
        let (status, answer) = fleet.sandbox(Method::POST, "/faults", fault).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        let text = json!({ "to": phone, "body": format!("{BODY}: {mode}") });
        let (status, answer) = clinic.call(fleet, Method::POST, "/messages", text).await;
        assert!(status.is_success(), "{answer}");
        eventually("Twilio has failed once", || async {
            let (_, faults) = fleet.sandbox(Method::GET, "/faults", Value::Null).await;
            faults["items"].as_array().is_none_or(Vec::is_empty)
        })
        .await;
    }
    let (status, _) = fleet.sandbox(Method::DELETE, "/faults", Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
}

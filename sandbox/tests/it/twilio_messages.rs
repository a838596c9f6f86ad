//! A message from acceptance to its last callback.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    receiver::Received,
    stage::{ACCOUNT, CLINIC, PATIENT, Stage, TOKEN, answer},
};

/// Twilio's published rule, written again here so that the sandbox does not check itself.
pub(crate) fn assert_signed(received: &Received, url: &str, token: &str) {
    let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(&received.body).unwrap();
    pairs.sort();
    let text = pairs
        .iter()
        .fold(url.to_owned(), |text, (name, value)| text + name + value);
    let signature = STANDARD
        .decode(received.header("x-twilio-signature").unwrap())
        .unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    hmac::verify(&key, text.as_bytes(), &signature).expect("a signature by the auth token");
}

async fn observed(stage: &Stage, sid: &Value) -> Value {
    let (_, list) = stage
        .control(Method::GET, "/twilio/messages", Value::Null)
        .await;
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .find(|item| item["sid"] == *sid)
        .cloned()
        .unwrap_or_default()
}

#[tokio::test]
async fn a_message_is_accepted_and_walks_to_delivered_with_signed_callbacks() {
    let stage = Stage::start().await;
    let callback = format!("{}/sms-status?mid=42", stage.receiver.url);
    let (status, message) = stage
        .send(&[("StatusCallback", &format!("{callback}#rc=2"))])
        .await;
    assert_eq!(status, 201, "{message}");
    assert_eq!(message["status"], "queued");
    assert_eq!(message["num_segments"], "1");
    assert_eq!(message["date_sent"], Value::Null);
    assert!(
        message["date_created"]
            .as_str()
            .unwrap()
            .ends_with(" +0000")
    );

    let received = stage.receiver.after(2).await;
    for (callback_received, state) in received.iter().zip(["sent", "delivered"]) {
        assert_eq!(callback_received.path, "/sms-status?mid=42");
        assert_signed(callback_received, &callback, TOKEN);
        let form = callback_received.form();
        assert_eq!(form["MessageStatus"], state);
        assert_eq!(form["MessageSid"], message["sid"].as_str().unwrap());
        assert_eq!(form["AccountSid"], ACCOUNT);
        assert_eq!(
            (form["To"].as_str(), form["From"].as_str()),
            (PATIENT, CLINIC)
        );
    }
    let (status, now) = stage.twilio(message["uri"].as_str().unwrap()).await;
    assert_eq!((status, &now["status"]), (200, &json!("delivered")));
    let seen = observed(&stage, &message["sid"]).await;
    assert!(seen["receivedAtMs"].as_i64().unwrap() > 1_700_000_000_000);
}

#[tokio::test]
async fn a_service_chooses_the_sender_and_a_failing_recipient_tells_the_code() {
    let stage = Stage::start().await;
    let service = "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let form = [
        ("To", "+15005530003"),
        ("From", ""),
        ("MessagingServiceSid", service),
        ("StatusCallback", &format!("{}/s", stage.receiver.url)),
    ];
    let (status, message) = stage.send(&form).await;
    assert_eq!(
        (status, &message["status"], &message["from"]),
        (201, &json!("accepted"), &Value::Null)
    );
    assert_eq!(message["num_segments"], "0");
    let received = stage.receiver.after(3).await;
    let states: Vec<_> = received
        .iter()
        .map(|r| r.form()["MessageStatus"].clone())
        .collect();
    assert_eq!(states, ["queued", "sent", "undelivered"]);
    assert_eq!(received[2].form()["ErrorCode"], "30003");
    assert_eq!(received[2].form()["From"], CLINIC);
}

#[tokio::test]
async fn a_list_is_filtered_and_paged_newest_first() {
    let stage = Stage::start().await;
    for body in ["one", "two", "three"] {
        stage.send(&[("Body", body)]).await;
    }
    stage.send(&[("To", "+15550002222")]).await;
    let query = format!(
        "/2010-04-01/Accounts/{ACCOUNT}/Messages.json?PageSize=2&To=%2B15558675310&DateSent%3E=2020-01-01"
    );
    let (status, first) = stage.twilio(&query).await;
    assert_eq!(status, 200, "{first}");
    assert_eq!(bodies(&first), ["three", "two"]);
    let (_, second) = stage.twilio(first["next_page_uri"].as_str().unwrap()).await;
    assert_eq!(bodies(&second), ["one"]);
    assert_eq!(second["next_page_uri"], Value::Null);
}

fn bodies(list: &Value) -> Vec<&str> {
    let messages = list["messages"].as_array().unwrap();
    messages
        .iter()
        .map(|message| message["body"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_delivered_message_is_redacted_and_deleted() {
    let stage = Stage::start().await;
    let callback = format!("{}/s", stage.receiver.url);
    let (_, message) = stage.send(&[("StatusCallback", &callback)]).await;
    stage.receiver.after(2).await;
    let url = format!("{}{}", stage.url, message["uri"].as_str().unwrap());
    let edit = |form: [(&'static str, &'static str); 1]| {
        answer(
            stage
                .http
                .post(&url)
                .basic_auth(ACCOUNT, Some(TOKEN))
                .form(&form),
        )
    };
    let (status, redacted) = edit([("Body", "")]).await;
    assert_eq!((status, &redacted["body"]), (200, &json!("")));
    let (status, refused) = edit([("Status", "canceled")]).await;
    assert_eq!((status, &refused["code"]), (400, &json!(30409)));
    let (status, _) = answer(stage.http.delete(&url).basic_auth(ACCOUNT, Some(TOKEN))).await;
    assert_eq!(status, 204);
    assert_eq!(stage.twilio(message["uri"].as_str().unwrap()).await.0, 404);
}

#[tokio::test]
async fn a_scheduled_message_waits_until_it_is_canceled() {
    let stage = Stage::start().await;
    let form = [
        ("MessagingServiceSid", "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("ScheduleType", "fixed"),
        ("SendAt", "2030-01-01T00:00:00Z"),
    ];
    let (_, message) = stage.send(&form).await;
    assert_eq!(message["status"], "scheduled");
    let url = format!("{}{}", stage.url, message["uri"].as_str().unwrap());
    let cancel = stage.http.post(&url).basic_auth(ACCOUNT, Some(TOKEN));
    let (_, canceled) = answer(cancel.form(&[("Status", "canceled")])).await;
    assert_eq!(canceled["status"], "canceled");
}

#[tokio::test]
async fn the_numbers_of_an_account_can_be_asked_for() {
    let stage = Stage::start().await;
    let path = format!(
        "/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json?PhoneNumber=%2B15005550006"
    );
    let (status, list) = stage.twilio(&path).await;
    assert_eq!(status, 200);
    assert_eq!(list["incoming_phone_numbers"][0]["phone_number"], CLINIC);
}

#[tokio::test]
async fn the_sandbox_ends_when_it_is_told_to() {
    let stage = Stage::start().await;
    stage
        .send(&[("StatusCallback", "http://127.0.0.1:1/nobody")])
        .await;
    stage.stop().await;
}

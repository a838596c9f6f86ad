//! Texts from a patient, and the STOP list that Twilio keeps by itself.

use reqwest::Method;
use serde_json::json;

use crate::{
    stage::{CLINIC, PATIENT, Stage, TOKEN},
    twilio_messages::assert_signed,
};

#[tokio::test]
async fn an_inbound_text_is_posted_signed() {
    let stage = Stage::start().await;
    let text = json!({"to": CLINIC, "from": PATIENT, "body": " Hola, señor 👍 "});
    let (status, sent) = stage.control(Method::POST, "/twilio/inbound", text).await;
    assert_eq!((status, &sent["httpStatus"]), (201, &json!(200)));
    let received = &stage.receiver.received()[0];
    assert_signed(
        received,
        &format!("{}/sms-inbound", stage.receiver.url),
        TOKEN,
    );
    let form = received.form();
    assert_eq!(form["Body"], " Hola, señor 👍 ");
    assert_eq!(form["MessageSid"], sent["sid"].as_str().unwrap());
    assert_eq!(form["FromCity"], "");
}

#[tokio::test]
async fn a_whole_message_stop_blocks_sending_until_start() {
    let stage = Stage::start().await;
    for (body, status) in [("Stop please", 201), (" stop ", 400), ("START", 201)] {
        let text = json!({"to": CLINIC, "from": PATIENT, "body": body});
        stage.control(Method::POST, "/twilio/inbound", text).await;
        let (answered, message) = stage.send(&[]).await;
        assert_eq!(answered, status, "{body} {message}");
        assert!(answered == 201 || message["code"] == 21610);
    }
}

#[tokio::test]
async fn a_text_to_a_number_of_nobody_is_not_posted() {
    let stage = Stage::start().await;
    let text = json!({"to": "+15550009999", "from": PATIENT, "body": "hi"});
    let (status, error) = stage.control(Method::POST, "/twilio/inbound", text).await;
    assert_eq!((status, &error["field"]), (404, &json!("to")));
}

//! Misbehaviour on demand.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    clinic::{clinic, kinds, obliging, play},
    stage::{ACCOUNT, CLINIC, PATIENT, Stage, TOKEN, heard},
};

async fn sends(stage: &Stage) -> reqwest::Result<reqwest::Response> {
    let form = [("To", PATIENT), ("From", CLINIC), ("Body", "Hello")];
    stage
        .http
        .post(stage.messages())
        .basic_auth(ACCOUNT, Some(TOKEN))
        .form(&form)
        .send()
        .await
}

async fn stored(stage: &Stage) -> usize {
    let (_, list) = stage
        .control(Method::GET, "/twilio/messages", Value::Null)
        .await;
    list["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_service_that_is_down_closes_the_connection_unanswered() {
    let stage = Stage::start().await;
    stage.fault("twilio", "down", json!({"count": 2})).await;
    for _ in 0..2 {
        let error = sends(&stage).await.expect_err("no answer");
        assert!(!error.is_timeout() && !error.is_status(), "{error:?}");
    }
    assert_eq!(stored(&stage).await, 0);
    assert_eq!(stage.send(&[]).await.0, 201, "the count is used up");
}

#[tokio::test]
async fn errors_and_limits_are_answered_in_the_services_own_words() {
    let stage = Stage::start().await;
    for (mode, status, code) in [("error", 500, 20500), ("rate_limited", 429, 20429)] {
        stage.fault("twilio", mode, json!({"count": 1})).await;
        let (answered, error) = stage.send(&[]).await;
        assert_eq!((answered, &error["code"]), (status, &json!(code)));
        stage.fault("vapi", mode, json!({"count": 1})).await;
        let (answered, error) = stage.vapi(Method::GET, "/tool", Value::Null).await;
        assert_eq!((answered, &error["statusCode"]), (status, &json!(status)));
    }
    assert_eq!(stored(&stage).await, 0);
}

#[tokio::test]
async fn a_message_can_be_accepted_and_its_answer_lost() {
    let stage = Stage::start().await;
    stage
        .fault(
            "twilio",
            "timeout_after_accept",
            json!({"count": 1, "ms": 20}),
        )
        .await;
    assert_eq!(
        stage
            .twilio(&format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json"))
            .await
            .0,
        200
    );
    sends(&stage).await.expect_err("no answer");
    assert_eq!(stored(&stage).await, 1);
}

#[tokio::test]
async fn a_slow_service_answers_late() {
    let stage = Stage::start().await;
    stage.fault("vapi", "slow", json!({"ms": 150})).await;
    let started = Instant::now();
    assert_eq!(stage.vapi(Method::GET, "/tool", Value::Null).await.0, 200);
    assert!(started.elapsed() >= Duration::from_millis(150));
    assert_eq!(
        stage
            .control(Method::DELETE, "/faults", Value::Null)
            .await
            .0,
        204
    );
    let (_, faults) = stage.control(Method::GET, "/faults", Value::Null).await;
    assert_eq!(faults["items"], json!([]));
}

#[tokio::test]
async fn callbacks_can_come_twice_and_in_the_wrong_order() {
    let stage = Stage::start().await;
    stage
        .fault("twilio", "duplicate_callbacks", json!({"count": 1}))
        .await;
    stage
        .fault("twilio", "reorder_callbacks", json!({"count": 1}))
        .await;
    let callback = format!("{}/s", stage.receiver.url);
    stage.send(&[("StatusCallback", &callback)]).await;
    let received = stage.receiver.after(4).await;
    let states: Vec<_> = received
        .iter()
        .map(|one| one.form()["MessageStatus"].clone())
        .collect();
    assert_eq!(states, ["delivered", "delivered", "sent", "sent"]);
}

#[tokio::test]
async fn a_tool_call_can_be_delivered_twice_and_a_report_too_early() {
    let stage = Stage::start().await;
    stage.receiver.reply(obliging);
    let assistant = clinic(
        &stage,
        &["tool-calls", "status-update", "end-of-call-report"],
    )
    .await;
    stage
        .fault("vapi", "reorder_callbacks", json!({"count": 1}))
        .await;
    stage.fault("vapi", "duplicate_callbacks", json!({})).await;
    let played = play(&stage, &assistant, json!([{"tool": "getCalendarSlots"}])).await;
    assert_eq!(heard(&played, 0)["say"], "At ten.");
    let received = stage.receiver.received();
    let once = [
        "status-update",
        "tool-calls",
        "end-of-call-report",
        "status-update",
    ];
    assert_eq!(kinds(&received), once.map(|kind| [kind, kind]).concat());
    assert_eq!(received[2].body, received[3].body);
}

#[tokio::test]
async fn a_fault_that_cannot_be_is_refused_by_field() {
    let stage = Stage::start().await;
    for (fault, field) in [
        (json!({"target": "fax", "mode": "down"}), "target"),
        (json!({"target": "vapi", "mode": "sulking"}), "mode"),
        (json!({"mode": "down"}), "target"),
        (
            json!({"target": "vapi", "mode": "down", "count": 0}),
            "count",
        ),
        (json!({"target": "vapi", "mode": "slow", "ms": -1}), "ms"),
        (
            json!({"target": "vapi", "mode": "slow", "seconds": 1}),
            "seconds",
        ),
    ] {
        let (status, error) = stage.control(Method::POST, "/faults", fault).await;
        assert_eq!((status, &error["field"]), (400, &json!(field)), "{error}");
    }
}

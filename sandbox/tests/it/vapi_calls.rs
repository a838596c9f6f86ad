//! Calls that go on, go wrong or never begin.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    clinic::{clinic, kinds, obliging, play},
    stage::{PATIENT, Stage, heard},
};

#[tokio::test]
async fn an_answer_that_vapi_would_drop_is_no_result() {
    let stage = Stage::start().await;
    let assistant = clinic(&stage, &["tool-calls"]).await;
    let turn =
        json!([{"tool": "getCalendarSlots", "argumentsAs": "string", "arguments": {"a": 1}}]);
    for (status, body, error) in [
        (500, r#"{"error":"x"}"#, "No result returned"),
        (
            200,
            r#"{"results":[{"toolCallId":"other","result":"x"}]}"#,
            "No result returned",
        ),
        (200, r#"{"error":"We are closed."}"#, "We are closed."),
    ] {
        stage.receiver.reply(move |_| (status, body.to_owned()));
        let played = play(&stage, &assistant, turn.clone()).await;
        assert_eq!(played["turns"][0]["error"], error, "{played}");
    }
    let message = &stage.receiver.received()[0].json()["message"];
    let arguments = &message["toolCallList"][0]["function"]["arguments"];
    let arguments: Value = serde_json::from_str(arguments.as_str().unwrap()).unwrap();
    assert_eq!(arguments["a"], 1);
}

#[tokio::test]
async fn a_call_can_stay_open_and_go_on() {
    let stage = Stage::start().await;
    stage.receiver.reply(obliging);
    let assistant = clinic(&stage, &["status-update"]).await;
    let script = json!({"assistantId": assistant["id"], "from": PATIENT, "keepOpen": true, "turns": [{"tool": "getCalendarSlots"}]});
    let (_, opened) = stage.control(Method::POST, "/vapi/calls", script).await;
    assert_eq!(opened["status"], "in-progress");
    let path = format!("/vapi/calls/{}", opened["callId"].as_str().unwrap());
    let more =
        json!({"turns": [{"tool": "bookClinicAppointment", "arguments": {"slotId": "$slot:0"}}]});
    let (status, went_on) = stage
        .control(Method::POST, &format!("{path}/turns"), more.clone())
        .await;
    assert_eq!(
        (status, &heard(&went_on, 0)["say"]),
        (200, &json!("Booked."))
    );
    let (status, ended) = stage
        .control(Method::POST, &format!("{path}/end"), Value::Null)
        .await;
    assert_eq!(
        (status, &ended["endedReason"]),
        (200, &json!("customer-ended-call"))
    );
    assert_eq!(
        stage
            .control(Method::POST, &format!("{path}/turns"), more)
            .await
            .0,
        409
    );
    let (_, calls) = stage.control(Method::GET, "/vapi/calls", Value::Null).await;
    assert_eq!(calls["items"][0]["turns"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_deleted_tool_ends_the_call_before_it_begins() {
    let stage = Stage::start().await;
    let assistant = clinic(
        &stage,
        &["tool-calls", "status-update", "end-of-call-report"],
    )
    .await;
    let id = assistant["model"]["toolIds"][0].as_str().unwrap();
    stage
        .vapi(Method::DELETE, &format!("/tool/{id}"), Value::Null)
        .await;
    let played = play(
        &stage,
        &assistant,
        json!([{"tool": "bookClinicAppointment"}]),
    )
    .await;
    assert_eq!(
        played["endedReason"],
        "call.start.error-get-resources-validation"
    );
    assert_eq!(played["turns"][0]["error"], "the call has ended");
    assert_eq!(
        kinds(&stage.receiver.received()),
        ["status-update", "end-of-call-report"]
    );
}

#[tokio::test]
async fn an_unlinked_tool_fails_the_call() {
    let stage = Stage::start().await;
    let assistant = clinic(&stage, &["tool-calls"]).await;
    let played = play(&stage, &assistant, json!([{"tool": "launchRocket"}])).await;
    assert_eq!(
        played["turns"][0]["error"],
        "the assistant has no such tool"
    );
    assert_eq!(played["status"], "ended");
}

#[tokio::test]
async fn a_server_without_a_credential_gets_an_empty_secret_and_every_default_message() {
    let stage = Stage::start().await;
    let server = json!({"url": format!("{}/events", stage.receiver.url)});
    let assistant = stage.create("/assistant", json!({"server": server})).await;
    play(&stage, &assistant, json!([{"say": "hello"}])).await;
    let received = stage.receiver.received();
    assert_eq!(
        kinds(&received),
        [
            "status-update",
            "conversation-update",
            "status-update",
            "end-of-call-report"
        ]
    );
    assert!(
        received
            .iter()
            .all(|one| one.header("x-vapi-secret") == Some(""))
    );
}

#[tokio::test]
async fn a_script_that_makes_no_sense_is_refused_by_field() {
    let stage = Stage::start().await;
    for (script, status, field) in [
        (
            json!({"assistantId": "x", "from": PATIENT}),
            404,
            "assistantId",
        ),
        (json!({"assistantId": "x", "from": "555"}), 400, "from"),
        (json!({"assistantId": "x"}), 400, "from"),
        (
            json!({"assistantId": "x", "from": PATIENT, "turns": [{"say": "a", "tool": "b"}]}),
            400,
            "turns",
        ),
        (
            json!({"assistantId": "x", "from": PATIENT, "speed": 2}),
            400,
            "speed",
        ),
    ] {
        let (answered, error) = stage.control(Method::POST, "/vapi/calls", script).await;
        assert_eq!(
            (answered, &error["field"]),
            (status, &json!(field)),
            "{error}"
        );
    }
}

//! The webhooks of a played call, as the server that they reach sees them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    clinic::{clinic, kinds, obliging, play},
    receiver::Received,
    stage::{PATIENT, Stage, heard},
};

/// A call that books the second of two offered slots: what the sandbox reported of it.
async fn booking(stage: &Stage) -> (Value, Vec<Received>) {
    stage.receiver.reply(obliging);
    let listened = ["tool-calls", "status-update", "end-of-call-report"];
    let assistant = clinic(stage, &listened).await;
    let turns = json!([
        {"say": "I need an appointment"},
        {"tool": "getCalendarSlots", "arguments": {"date": "2026-12-01"}},
        {"tool": "bookClinicAppointment", "arguments": {"slotId": "$slot:1", "patientName": "Ada", "caller": "+1999"}},
    ]);
    let played = play(stage, &assistant, turns).await;
    (played, stage.receiver.received())
}

#[tokio::test]
async fn every_webhook_goes_to_the_server_that_is_named_for_it() {
    let stage = Stage::start().await;
    let (played, received) = booking(&stage).await;
    assert_eq!(heard(&played, 1)["data"]["bookingId"], "bkg_1", "{played}");
    assert!(played["turns"][0]["ms"].is_u64());
    assert_eq!(
        kinds(&received),
        [
            "status-update",
            "tool-calls",
            "tool-calls",
            "status-update",
            "end-of-call-report"
        ]
    );
    let paths: Vec<_> = received.iter().map(|one| one.path.as_str()).collect();
    let tools = ["/tools/getCalendarSlots", "/tools/bookClinicAppointment"];
    assert_eq!(paths, ["/events", tools[0], tools[1], "/events", "/events"]);
    for one in &received {
        assert_eq!(one.header("x-vapi-secret"), Some("s3cret"));
        assert_eq!(one.header("x-call-id"), played["callId"].as_str());
    }
    assert_eq!(received[2].header("x-org"), Some("org_1"));
}

#[tokio::test]
async fn a_tool_call_carries_its_arguments_as_an_object_in_three_lists() {
    let stage = Stage::start().await;
    let (played, received) = booking(&stage).await;
    let message = &received[2].json()["message"];
    let call = &message["toolCallList"][0];
    let arguments = json!({"slotId": "slot-b", "patientName": "Ada", "caller": PATIENT});
    assert_eq!(
        call["function"]["arguments"], arguments,
        "static parameters win"
    );
    assert_eq!(call["id"], played["turns"][1]["toolCallId"]);
    assert_eq!(message["toolCalls"], message["toolCallList"]);
    assert_eq!(message["toolWithToolCallList"][0]["toolCall"], *call);
    assert_eq!(message["call"]["assistantId"], message["assistant"]["id"]);
    assert_eq!(message["customer"]["number"], PATIENT);
    assert_eq!(
        message["assistant"]["model"]["tools"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn the_report_tells_the_whole_call() {
    let stage = Stage::start().await;
    let (played, received) = booking(&stage).await;
    let report = &received[4].json()["message"];
    assert_eq!(report["endedReason"], "customer-ended-call");
    let said = "AI: Hello\nUser: I need an appointment\nAI: At ten.\nAI: Booked.\n";
    assert_eq!(report["artifact"]["transcript"], said);
    assert_eq!(report["artifact"]["messages"][3]["role"], "tool_calls");
    let path = format!("/call/{}", played["callId"].as_str().unwrap());
    let (_, call) = stage.vapi(Method::GET, &path, Value::Null).await;
    assert_eq!(
        (&call["status"], &call["transcript"]),
        (&json!("ended"), &json!(said))
    );
}

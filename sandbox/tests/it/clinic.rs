//! A clinic whose assistant books appointments, and calls to it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    receiver::Received,
    stage::{PATIENT, Stage},
};

/// An assistant with two tools whose webhooks carry the secret `s3cret`.
pub(crate) async fn clinic(stage: &Stage, server_messages: &[&str]) -> Value {
    let plan = json!({"type": "bearer", "token": "s3cret", "headerName": "X-Vapi-Secret", "bearerPrefixEnabled": false});
    let credential = json!({"provider": "custom-credential", "authenticationPlan": plan});
    let credential = stage.create("/credential", credential).await;
    let mut ids = Vec::new();
    for name in ["getCalendarSlots", "bookClinicAppointment"] {
        let server = json!({"url": format!("{}/tools/{name}", stage.receiver.url), "credentialId": credential["id"], "headers": {"X-Org": "org_1"}, "timeoutSeconds": 2});
        let parameters = json!([{"key": "caller", "value": "{{ customer.number }}"}]);
        let tool = json!({"type": "function", "function": {"name": name}, "server": server, "parameters": parameters});
        ids.push(stage.create("/tool", tool).await["id"].clone());
    }
    let model = json!({"provider": "openai", "model": "gpt-4o", "toolIds": ids, "messages": [{"role": "system", "content": "Be kind."}]});
    let server =
        json!({"url": format!("{}/events", stage.receiver.url), "credentialId": credential["id"]});
    let assistant = json!({"name": "Reception", "firstMessage": "Hello", "model": model, "server": server, "serverMessages": server_messages});
    stage.create("/assistant", assistant).await
}

/// Answers tool calls as the gateway should, and everything else with `{}`.
pub(crate) fn obliging(received: &Received) -> (u16, String) {
    let message = &received.json()["message"];
    let call = &message["toolCallList"][0];
    let result = match call["function"]["name"].as_str() {
        Some("getCalendarSlots") => {
            json!({"say": "At ten.", "data": {"slots": [{"slotId": "slot-a"}, {"slotId": "slot-b"}]}})
        }
        Some(_) => json!({"say": "Booked.", "data": {"bookingId": "bkg_1"}}),
        None => return (200, "{}".to_owned()),
    };
    let result = json!({"toolCallId": call["id"], "name": call["function"]["name"], "result": result.to_string()});
    (200, json!({"results": [result]}).to_string())
}

/// Plays a whole call.
pub(crate) async fn play(stage: &Stage, assistant: &Value, turns: Value) -> Value {
    let script = json!({"assistantId": assistant["id"], "from": PATIENT, "turns": turns});
    let (status, played) = stage.control(Method::POST, "/vapi/calls", script).await;
    assert_eq!(status, 201, "{played}");
    played
}

/// The message types, in the order they came.
pub(crate) fn kinds(received: &[Received]) -> Vec<String> {
    let kind = |one: &Received| one.json()["message"]["type"].as_str().unwrap().to_owned();
    received.iter().map(kind).collect()
}

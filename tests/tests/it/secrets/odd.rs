//! Reading everything, and messages that make little sense.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet, VAPI_SECRET};

use super::{
    flows::{CALLER, CALLER_NAME, SAID},
    refusals::Refusals,
};

/// Reads everything that shows a patient.
pub(super) async fn read(fleet: &Fleet, clinic: &Clinic) {
    for path in [
        "/patients",
        "/patients?q=canarywright",
        "/tasks",
        "/bookings",
        "/messages",
        "/calls",
        "/audit",
        "/audit/export",
    ] {
        let (status, list) = clinic.call(fleet, Method::GET, path, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        let Some(id) = list["items"][0]["id"].as_str() else {
            continue;
        };
        if path != "/messages" {
            let path = format!("{path}/{id}");
            let (status, one) = clinic.call(fleet, Method::GET, &path, Value::Null).await;
            assert_eq!(status, StatusCode::OK, "{path}: {one}");
        }
    }
}

/// Vapi's messages with odd content, with the right secret and the wrong types.
pub(super) async fn hear(fleet: &Fleet, clinic: &Clinic, refusals: &mut Refusals) {
    let call = json!({ "id": "canary-call", "assistantId": clinic.assistant,
        "customer": { "number": CALLER, "name": CALLER_NAME } });
    let tool = |arguments: Value| {
        json!({ "id": "odd", "type": "function",
            "function": { "name": "bookClinicAppointment", "arguments": arguments } })
    };
    let said = json!({ "transcript": SAID, "messages": [{ "role": "user", "message": SAID }] });
    for message in [
        json!({ "type": "tool-calls", "toolCallList": [tool(json!(SAID))] }),
        json!({ "type": "tool-calls", "toolCallList": [tool(json!({ "slotId": SAID, "patientName": [CALLER_NAME] }))] }),
        json!({ "type": "tool-calls", "toolCallList": [tool(json!({ "slotId": "x".repeat(70_000), "patientName": CALLER_NAME }))] }),
        json!({ "type": "tool-calls", "toolCallList": CALLER_NAME }),
        json!({ "type": "end-of-call-report", "artifact": said, "endedReason": SAID, "summary": SAID }),
        json!({ "type": "status-update", "status": SAID, "endedReason": SAID }),
        json!({ "type": SAID, "artifact": said }),
        json!(SAID),
    ] {
        let mut message = message;
        if message.is_object() {
            message["call"] = call.clone();
        }
        let url = format!("http://{}/api/webhooks/vapi", fleet.gateway);
        let request = fleet
            .http
            .post(url)
            .header("X-Vapi-Secret", VAPI_SECRET)
            .json(&json!({ "message": message }));
        let answer = request.send().await.expect("the gateway answers");
        let status = refusals.take("Vapi's odd message", answer).await;
        assert!(
            !status.is_server_error() && status != StatusCode::UNAUTHORIZED,
            "{status}"
        );
    }
}

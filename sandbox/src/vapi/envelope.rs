//! The webhook bodies that Vapi sends.

use serde_json::{Map, Value, json};

use super::call::{Call, Ended};
use crate::clock;

/// What Vapi sends when an assistant does not list its server messages.
const DEFAULT_MESSAGES: [&str; 11] = [
    "conversation-update",
    "end-of-call-report",
    "function-call",
    "hang",
    "speech-update",
    "status-update",
    "tool-calls",
    "transfer-destination-request",
    "handoff-destination-request",
    "user-interrupted",
    "assistant.started",
];

/// Whether the assistant's server wants messages of `kind`.
pub(crate) fn wants(assistant: &Value, kind: &str) -> bool {
    match assistant["serverMessages"].as_array() {
        Some(listed) => listed.iter().any(|message| message == kind),
        None => DEFAULT_MESSAGES.contains(&kind),
    }
}

/// `{"message": …}` of `kind`: the call's context and the `own` properties of the kind.
pub(crate) fn wrap(call: &Call, kind: &str, own: Value) -> Value {
    let mut message = Map::new();
    message.insert("timestamp".into(), clock::now().as_millisecond().into());
    message.insert("type".into(), kind.into());
    message.insert("call".into(), call.snapshot());
    message.insert("phoneNumber".into(), call.phone_number.clone());
    message.insert("customer".into(), json!({"number": call.from}));
    message.insert("assistant".into(), call.assistant.clone());
    message.insert("artifact".into(), call.artifact());
    if let Value::Object(own) = own {
        message.extend(own);
    }
    json!({"message": message})
}

/// One call of `tool`, in the three lists that really arrive.
pub(crate) fn tool_calls(call: &Call, tool: &Value, id: &str, arguments: &Value) -> Value {
    let function = json!({"name": tool["function"]["name"], "arguments": arguments});
    let tool_call = json!({"id": id, "type": "function", "function": function});
    let mut with_call = tool.clone();
    with_call["toolCall"] = tool_call.clone();
    let own = json!({
        "toolCalls": [tool_call],
        "toolCallList": [tool_call],
        "toolWithToolCallList": [with_call],
    });
    wrap(call, "tool-calls", own)
}

pub(crate) fn status_update(call: &Call) -> Value {
    let own = match &call.ended {
        Some(ended) => json!({"status": "ended", "endedReason": ended.reason}),
        None => json!({"status": "in-progress"}),
    };
    wrap(call, "status-update", own)
}

pub(crate) fn conversation_update(call: &Call) -> Value {
    let own = json!({
        "messages": call.transcript.messages(),
        "messagesOpenAIFormatted": call.transcript.openai(),
    });
    wrap(call, "conversation-update", own)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a call's length in milliseconds is far below 2^52"
)]
pub(crate) fn end_of_call_report(call: &Call, ended: &Ended) -> Value {
    let millis = ended.at.as_millisecond() - call.started_at.as_millisecond();
    let seconds = millis as f64 / 1000.0;
    let minutes = seconds / 60.0;
    let own = json!({
        "startedAt": clock::iso(call.started_at),
        "endedAt": clock::iso(ended.at),
        "endedReason": ended.reason,
        "cost": 0.0,
        "costBreakdown": {"stt": 0.0, "llm": 0.0, "tts": 0.0, "vapi": 0.0, "total": 0.0},
        "costs": [{"type": "vapi", "subType": "normal", "minutes": minutes, "cost": 0.0}],
        "durationMs": millis,
        "durationSeconds": seconds,
        "durationMinutes": minutes,
        "analysis": {"summary": "A call played by the sandbox.", "successEvaluation": "true"},
        "summary": "A call played by the sandbox.",
        "transcript": call.transcript.text(),
        "messages": call.transcript.messages(),
    });
    wrap(call, "end-of-call-report", own)
}

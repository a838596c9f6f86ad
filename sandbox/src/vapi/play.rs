//! Plays a scripted call: the caller and the model follow the script, the webhooks are real.

use std::{sync::Arc, time::Instant};

use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{
    answer::{self, Outcome},
    call::{Call, Ended},
    deliver, envelope,
    resources::Kind,
    slots, toolbox,
    transcript::Line,
};
use crate::{
    Sandbox, clock,
    faults::{Mode, Target},
};

/// Tool turns shown of one call; the oldest make room.
const KEPT_TURNS: usize = 1_000;

/// One step of a script.
pub(crate) enum Turn {
    /// The caller says something.
    Say(String),
    /// The model calls a tool.
    Tool {
        name: String,
        arguments: Value,
        /// Send the arguments as JSON text, as the published contract has them.
        as_text: bool,
    },
}

/// Begins a call with `assistant`; a linked tool that is gone ends it at once.
pub(crate) async fn begin(sandbox: &Sandbox, assistant: Value, from: String) -> Arc<Mutex<Call>> {
    let expanded = toolbox::expand(&sandbox.vapi, &assistant);
    let broken = expanded.is_err();
    let mut call = Call::start(&sandbox.vapi, expanded.unwrap_or(assistant), from);
    if broken {
        end(
            sandbox,
            &mut call,
            "call.start.error-get-resources-validation",
        )
        .await;
    } else {
        tell(
            sandbox,
            &call,
            "status-update",
            envelope::status_update(&call),
        )
        .await;
        publish(sandbox, &call);
    }
    let id = call.id.clone();
    let call = Arc::new(Mutex::new(call));
    sandbox.vapi.live.put(&id, Arc::clone(&call));
    call
}

/// Plays `turns` and answers with what came of the tool turns.
pub(crate) async fn play(sandbox: &Sandbox, call: &mut Call, turns: Vec<Turn>) -> Vec<Value> {
    let mut played = Vec::new();
    for turn in turns {
        match turn {
            Turn::Say(text) => call.transcript.push(clock::now(), Line::User(text)),
            Turn::Tool {
                name,
                arguments,
                as_text,
            } => {
                played.push(use_tool(sandbox, call, &name, (arguments, as_text)).await);
            }
        }
        if call.ended.is_none() {
            let update = envelope::conversation_update(call);
            tell(sandbox, call, "conversation-update", update).await;
        }
    }
    let mut kept = sandbox.vapi.turns.get(&call.id).unwrap_or_default();
    kept.extend(played.iter().cloned());
    kept.drain(..kept.len().saturating_sub(KEPT_TURNS));
    sandbox.vapi.turns.put(&call.id, kept);
    played
}

/// Ends the call and reports it.
pub(crate) async fn end(sandbox: &Sandbox, call: &mut Call, reason: &'static str) {
    let ended = Ended {
        at: clock::now(),
        reason,
    };
    let report = envelope::end_of_call_report(call, &ended);
    call.ended = Some(ended);
    publish(sandbox, call);
    let mut last = [
        ("status-update", envelope::status_update(call)),
        ("end-of-call-report", report),
    ];
    if sandbox.faults.strikes(Target::Vapi, Mode::ReorderCallbacks) {
        last.reverse();
    }
    for (kind, message) in last {
        tell(sandbox, call, kind, message).await;
    }
}

async fn use_tool(
    sandbox: &Sandbox,
    call: &mut Call,
    name: &str,
    (given, as_text): (Value, bool),
) -> Value {
    let failed = |error: &str| json!({"tool": name, "error": error, "ms": 0});
    if call.ended.is_some() {
        return failed("the call has ended");
    }
    let Some(tool) = toolbox::find(&call.assistant, name).cloned() else {
        end(sandbox, call, "assistant-not-valid").await;
        return failed("the assistant has no such tool");
    };
    let arguments = match slots::fill(&given, &call.slots) {
        Ok(given) => toolbox::arguments(&tool, &given, &call.variables()),
        Err(error) => return failed(&error),
    };
    let id = format!("call_{}", &Uuid::new_v4().simple().to_string()[..24]);
    let text = arguments.to_string();
    let line = Line::ToolCall {
        id: id.clone(),
        name: name.to_owned(),
        arguments: text.clone(),
    };
    call.transcript.push(clock::now(), line);
    let sent = if as_text { text.into() } else { arguments };
    let started = Instant::now();
    let outcome = ask(sandbox, call, &tool, (&id, &sent)).await;
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    hear(call, name, &id, &outcome);
    told(name, &id, &outcome, ms)
}

/// Sends one tool call to the tool's own server, or to the assistant's if it has none.
async fn ask(
    sandbox: &Sandbox,
    call: &Call,
    tool: &Value,
    (id, arguments): (&str, &Value),
) -> Outcome {
    let message = envelope::tool_calls(call, tool, id, arguments);
    let owner = if tool["server"]["url"].is_string() {
        tool
    } else {
        &call.assistant
    };
    match deliver::post(sandbox, &owner["server"], &call.id, &message).await {
        Ok(answer) => answer::read(answer.status, &answer.body, id),
        Err(why) => Outcome::Nothing(why),
    }
}

/// Adds what the tool answered to the call; the model repeats the part meant for the caller.
fn hear(call: &mut Call, name: &str, id: &str, outcome: &Outcome) {
    let result = outcome.heard().to_owned();
    let parsed: Value = serde_json::from_str(&result).unwrap_or_default();
    if name == "getCalendarSlots" && matches!(outcome, Outcome::Result(_)) {
        call.slots = slots::offered(&parsed);
    }
    let line = Line::ToolResult {
        id: id.to_owned(),
        name: name.to_owned(),
        result,
    };
    call.transcript.push(clock::now(), line);
    if let Some(say) = parsed["say"].as_str() {
        call.transcript
            .push(clock::now(), Line::Bot(say.to_owned()));
    }
}

fn told(name: &str, id: &str, outcome: &Outcome, ms: u64) -> Value {
    let mut turn = json!({"tool": name, "toolCallId": id, "ms": ms});
    match outcome {
        Outcome::Result(text) => {
            turn["result"] = json!(text);
        }
        Outcome::Error(_) => turn["error"] = outcome.heard().into(),
        Outcome::Nothing(why) => {
            turn["error"] = outcome.heard().into();
            turn["cause"] = why.as_str().into();
        }
    }
    turn
}

/// Sends a message that expects no answer, if the assistant's server listens to its kind.
async fn tell(sandbox: &Sandbox, call: &Call, kind: &str, message: Value) {
    let server = &call.assistant["server"];
    if !server["url"].is_string() || !envelope::wants(&call.assistant, kind) {
        return;
    }
    if let Err(error) = deliver::post(sandbox, server, &call.id, &message).await {
        tracing::warn!(error, message.kind = kind, "a webhook was not answered");
    }
}

fn publish(sandbox: &Sandbox, call: &Call) {
    sandbox.vapi.shelf(Kind::Call).put(&call.id, call.current());
}

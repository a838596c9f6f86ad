//! Plays calls and shows what Vapi holds.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use super::refusal::{self, Refusal};
use crate::{
    Sandbox,
    vapi::{
        call::Call,
        play::{self, Turn},
        resources::Kind,
    },
};

/// One request plays at most this many turns.
const TURNS: usize = 500;
const LISTED: usize = 1_000;
/// Why a call ends when its script is over.
const HUNG_UP: &str = "customer-ended-call";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Script {
    assistant_id: String,
    from: String,
    #[serde(default)]
    turns: Vec<ScriptedTurn>,
    #[serde(default)]
    keep_open: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct More {
    turns: Vec<ScriptedTurn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScriptedTurn {
    say: Option<String>,
    tool: Option<String>,
    arguments: Option<Map<String, Value>>,
    arguments_as: Option<String>,
}

impl TryFrom<ScriptedTurn> for Turn {
    type Error = Refusal;

    fn try_from(turn: ScriptedTurn) -> Result<Self, Refusal> {
        let as_text = match turn.arguments_as.as_deref() {
            None | Some("object") => false,
            Some("string") => true,
            Some(_) => return Err(Refusal::invalid("argumentsAs", "must be object or string")),
        };
        match (turn.say, turn.tool) {
            (Some(text), None) => Ok(Self::Say(text)),
            (None, Some(name)) => {
                let arguments = Value::Object(turn.arguments.unwrap_or_default());
                Ok(Self::Tool {
                    name,
                    arguments,
                    as_text,
                })
            }
            _ => Err(Refusal::invalid("turns", "each has either say or tool")),
        }
    }
}

pub(super) async fn start(
    State(sandbox): State<Arc<Sandbox>>,
    bytes: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let script: Script = refusal::body(&bytes)?;
    if !script.from.starts_with('+') {
        return Err(Refusal::invalid(
            "from",
            "must be a number like +15550001111",
        ));
    }
    let turns = read(script.turns)?;
    let assistant = sandbox
        .vapi
        .shelf(Kind::Assistant)
        .get(&script.assistant_id);
    let assistant = assistant.ok_or_else(|| Refusal::unknown("assistantId"))?;
    let call = play::begin(&sandbox, assistant, script.from).await;
    let mut call = call.lock().await;
    let played = play::play(&sandbox, &mut call, turns).await;
    if !script.keep_open && call.ended.is_none() {
        play::end(&sandbox, &mut call, HUNG_UP).await;
    }
    Ok((StatusCode::CREATED, Json(report(&call, &played))))
}

pub(super) async fn turns(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Json<Value>, Refusal> {
    let more: More = refusal::body(&bytes)?;
    let turns = read(more.turns)?;
    let call = open(&sandbox, &id)?;
    let mut call = call.lock().await;
    still_open(&call)?;
    let played = play::play(&sandbox, &mut call, turns).await;
    Ok(Json(report(&call, &played)))
}

pub(super) async fn end(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let call = open(&sandbox, &id)?;
    let mut call = call.lock().await;
    still_open(&call)?;
    play::end(&sandbox, &mut call, HUNG_UP).await;
    Ok(Json(report(&call, &[])))
}

pub(super) async fn tools(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(items(
        sandbox.vapi.shelf(Kind::Tool).newest(LISTED, |_| true),
    ))
}

pub(super) async fn assistants(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(items(
        sandbox.vapi.shelf(Kind::Assistant).newest(LISTED, |_| true),
    ))
}

pub(super) async fn calls(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    let mut calls = sandbox.vapi.shelf(Kind::Call).newest(LISTED, |_| true);
    for call in &mut calls {
        let turns = call["id"]
            .as_str()
            .and_then(|id| sandbox.vapi.turns.get(id));
        call["turns"] = turns.unwrap_or_default().into();
    }
    Json(items(calls))
}

fn items(items: Vec<Value>) -> Value {
    json!({"items": items, "nextCursor": null})
}

fn read(turns: Vec<ScriptedTurn>) -> Result<Vec<Turn>, Refusal> {
    if turns.len() > TURNS {
        return Err(Refusal::invalid(
            "turns",
            format!("must be at most {TURNS}"),
        ));
    }
    turns.into_iter().map(Turn::try_from).collect()
}

fn open(sandbox: &Sandbox, id: &str) -> Result<Arc<Mutex<Call>>, Refusal> {
    sandbox
        .vapi
        .live
        .get(id)
        .ok_or_else(|| Refusal::unknown("callId"))
}

fn still_open(call: &Call) -> Result<(), Refusal> {
    match call.ended {
        Some(_) => Err(Refusal::conflict("callId", "the call has ended")),
        None => Ok(()),
    }
}

fn report(call: &Call, played: &[Value]) -> Value {
    let mut report = json!({"callId": call.id, "turns": played});
    report["status"] = if call.ended.is_some() {
        "ended"
    } else {
        "in-progress"
    }
    .into();
    if let Some(ended) = &call.ended {
        report["endedReason"] = ended.reason.into();
    }
    report
}

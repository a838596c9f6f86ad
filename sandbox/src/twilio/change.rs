//! Reads, cancels, redacts and deletes one message.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
    http::StatusCode,
};
use serde_json::Value;

use super::{
    accounts::Authorised,
    message::{Message, Status},
    refusal::Refusal,
    send::Form,
};
use crate::Sandbox;

type PathParams = Path<HashMap<String, String>>;

pub(crate) async fn read(
    State(sandbox): State<Arc<Sandbox>>,
    Authorised(account): Authorised,
    OriginalUri(uri): OriginalUri,
    Path(path): PathParams,
) -> Result<Json<Value>, Refusal> {
    let message = find(&sandbox, &account.sid, &path);
    message
        .map(|message| Json(message.resource()))
        .ok_or_else(|| Refusal::not_found(uri.path()))
}

pub(crate) async fn update(
    State(sandbox): State<Arc<Sandbox>>,
    Authorised(account): Authorised,
    OriginalUri(uri): OriginalUri,
    Path(path): PathParams,
    Form(form): Form,
) -> Result<Json<Value>, Refusal> {
    let message = find(&sandbox, &account.sid, &path);
    let message = message.ok_or_else(|| Refusal::not_found(uri.path()))?;
    let edits: Vec<_> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let changed = sandbox.twilio.messages.change(&message.sid, |stored| {
        match edits.as_slice() {
            [("Status", "canceled")] => cancel(stored)?,
            [("Body", "")] => redact(stored)?,
            _ => {
                return Err(Refusal::new(
                    20001,
                    "Only Status=canceled or an empty Body can be set",
                ));
            }
        }
        Ok(stored.resource())
    });
    changed
        .ok_or_else(|| Refusal::not_found(uri.path()))?
        .map(Json)
}

pub(crate) async fn delete(
    State(sandbox): State<Arc<Sandbox>>,
    Authorised(account): Authorised,
    OriginalUri(uri): OriginalUri,
    Path(path): PathParams,
) -> Result<StatusCode, Refusal> {
    let message = find(&sandbox, &account.sid, &path);
    let message = message.ok_or_else(|| Refusal::not_found(uri.path()))?;
    if !message.status.is_final() {
        return Err(Refusal::not_final());
    }
    sandbox.twilio.messages.remove(&message.sid);
    Ok(StatusCode::NO_CONTENT)
}

fn cancel(message: &mut Message) -> Result<(), Refusal> {
    let waiting = matches!(
        message.status,
        Status::Accepted | Status::Scheduled | Status::Queued
    );
    if !waiting {
        return Err(Refusal::new(30409, "Message cannot be canceled"));
    }
    message.advance(Status::Canceled, None);
    Ok(())
}

fn redact(message: &mut Message) -> Result<(), Refusal> {
    if !message.status.is_final() {
        return Err(Refusal::not_final());
    }
    message.body.clear();
    Ok(())
}

fn find(sandbox: &Sandbox, account: &str, path: &HashMap<String, String>) -> Option<Message> {
    let sid = path.get("file")?.strip_suffix(".json")?;
    sandbox
        .twilio
        .messages
        .get(sid)
        .filter(|message| message.account_sid == account)
}

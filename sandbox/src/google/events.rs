//! One event: insert, get, patch and delete.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
};
use serde_json::Value;

use super::{
    channels, held,
    holder::{self, READS, WRITES},
    refusal::Refusal,
    shelf::Account,
    write,
};
use crate::Sandbox;

const PARAMETERS: [&str; 4] = ["alt", "sendUpdates", "conferenceDataVersion", "fields"];

type Parameters = Query<BTreeMap<String, String>>;

fn enter(
    sandbox: &Sandbox,
    (headers, scopes): (&HeaderMap, &[&str]),
    calendar: &str,
    Query(given): &Parameters,
) -> Result<Arc<Mutex<Account>>, Refusal> {
    let account = holder::account(sandbox, headers, scopes)?;
    holder::calendar(&held(&account), calendar)?;
    match given
        .keys()
        .find(|name| !PARAMETERS.contains(&name.as_str()))
    {
        None => Ok(account),
        Some(name) => Err(Refusal::invalid(format!("Unknown name \"{name}\""))),
    }
}

fn read(body: &Bytes) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::new(400, "parseError", "Parse Error"))
}

fn etag(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::IF_MATCH)?.to_str().ok()
}

pub(super) async fn insert(
    State(sandbox): State<Arc<Sandbox>>,
    Path(calendar): Path<String>,
    query: Parameters,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let account = enter(&sandbox, (&headers, WRITES), &calendar, &query)?;
    let event = write::insert(&mut held(&account), read(&body)?)?;
    channels::ring(&sandbox, &account);
    Ok(Json(event))
}

pub(super) async fn get(
    State(sandbox): State<Arc<Sandbox>>,
    Path((calendar, id)): Path<(String, String)>,
    query: Parameters,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let account = enter(&sandbox, (&headers, READS), &calendar, &query)?;
    let found = held(&account)
        .events
        .get(&id)
        .map(|kept| kept.event.clone());
    found.map(Json).ok_or_else(Refusal::not_found)
}

pub(super) async fn patch(
    State(sandbox): State<Arc<Sandbox>>,
    Path((calendar, id)): Path<(String, String)>,
    query: Parameters,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let account = enter(&sandbox, (&headers, WRITES), &calendar, &query)?;
    let event = write::patch(&mut held(&account), &id, &read(&body)?, etag(&headers))?;
    channels::ring(&sandbox, &account);
    Ok(Json(event))
}

pub(super) async fn delete(
    State(sandbox): State<Arc<Sandbox>>,
    Path((calendar, id)): Path<(String, String)>,
    query: Parameters,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let account = enter(&sandbox, (&headers, WRITES), &calendar, &query)?;
    write::delete(&mut held(&account), &id, etag(&headers))?;
    channels::ring(&sandbox, &account);
    Ok(StatusCode::NO_CONTENT)
}

//! Puts faults in force, shows them and lifts them.

use std::sync::Arc;

use axum::{Json, body::Bytes, extract::State, http::StatusCode};
use serde_json::{Value, json};

use super::refusal::{self, Refusal};
use crate::{Sandbox, faults::Fault};

pub(super) async fn add(
    State(sandbox): State<Arc<Sandbox>>,
    bytes: Bytes,
) -> Result<(StatusCode, Json<Fault>), Refusal> {
    let body: Value = refusal::body(&bytes)?;
    let fault = Fault::try_from(&body)?;
    sandbox.faults.add(fault.clone())?;
    Ok((StatusCode::CREATED, Json(fault)))
}

pub(super) async fn list(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(json!({"items": sandbox.faults.all()}))
}

pub(super) async fn clear(State(sandbox): State<Arc<Sandbox>>) -> StatusCode {
    sandbox.faults.clear();
    StatusCode::NO_CONTENT
}

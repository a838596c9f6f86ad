//! Shows the mails that arrived.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Sandbox;

const MESSAGES: usize = 1_000;

#[derive(Deserialize)]
pub(super) struct Wanted {
    to: Option<String>,
    limit: Option<usize>,
}

/// The newest first.
pub(super) async fn messages(
    State(sandbox): State<Arc<Sandbox>>,
    Query(wanted): Query<Wanted>,
) -> Json<Value> {
    let limit = wanted.limit.unwrap_or(MESSAGES);
    let items = sandbox.inbox.0.newest(limit, |mail| {
        wanted
            .to
            .as_ref()
            .is_none_or(|to| mail.to.eq_ignore_ascii_case(to))
    });
    Json(json!({"items": items, "nextCursor": null}))
}

pub(super) async fn clear(State(sandbox): State<Arc<Sandbox>>) -> StatusCode {
    sandbox.inbox.0.clear();
    StatusCode::NO_CONTENT
}

//! Which calendars there are, and when somebody is busy.

use std::sync::Arc;

use axum::{Json, body::Bytes, extract::State, http::HeaderMap};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    held,
    holder::{self, ASKS_FREE_BUSY, LISTS},
    refusal::Refusal,
    shelf::{Account, is_cancelled},
};
use crate::Sandbox;

const ASKED: [&str; 6] = [
    "timeMin",
    "timeMax",
    "timeZone",
    "items",
    "calendarExpansionMax",
    "groupExpansionMax",
];

pub(super) async fn list(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let account = holder::account(&sandbox, &headers, LISTS)?;
    let account = held(&account);
    Ok(Json(json!({"kind": "calendar#calendarList", "items": [{
        "kind": "calendar#calendarListEntry",
        "id": account.address,
        "summary": account.address,
        "timeZone": account.time_zone,
        "primary": true,
        "accessRole": "owner",
    }]})))
}

pub(super) async fn free_busy(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let account = holder::account(&sandbox, &headers, ASKS_FREE_BUSY)?;
    let account = held(&account);
    let bad = || Refusal::new(400, "badRequest", "Bad Request");
    let body: Value = serde_json::from_slice(&body).map_err(|_| bad())?;
    let names = body.as_object().ok_or_else(bad)?;
    if names.keys().any(|name| !ASKED.contains(&name.as_str())) {
        return Err(bad());
    }
    let edge = |name: &str| {
        let text = body[name].as_str().ok_or_else(bad)?;
        text.parse::<Timestamp>().map_err(|_| bad())
    };
    let (from, to) = (edge("timeMin")?, edge("timeMax")?);
    if from >= to {
        return Err(Refusal::new(
            400,
            "timeRangeEmpty",
            "The specified time range is empty.",
        ));
    }
    let mut calendars = Map::new();
    for item in body["items"].as_array().into_iter().flatten() {
        let id = item["id"].as_str().ok_or_else(bad)?;
        let told = match holder::calendar(&account, id) {
            Ok(()) => json!({"busy": busy(&account, from, to)}),
            Err(_) => json!({"busy": [], "errors": [{"domain": "global", "reason": "notFound"}]}),
        };
        calendars.insert(id.to_owned(), told);
    }
    Ok(Json(json!({
        "kind": "calendar#freeBusy",
        "timeMin": from.to_string(),
        "timeMax": to.to_string(),
        "calendars": calendars,
    })))
}

fn busy(account: &Account, from: Timestamp, to: Timestamp) -> Vec<Value> {
    let blocks = |event: &&Value| !is_cancelled(event) && event["transparency"] != "transparent";
    let events = account.events.values().map(|kept| &kept.event);
    let mut spans: Vec<_> = events
        .filter(blocks)
        .filter_map(|event| account.span(event))
        .map(|(start, end)| (start.max(from), end.min(to)))
        .filter(|(start, end)| start < end)
        .collect();
    spans.sort_unstable();
    let span = |(start, end): (Timestamp, Timestamp)| json!({"start": start.to_string(), "end": end.to_string()});
    spans.into_iter().map(span).collect()
}

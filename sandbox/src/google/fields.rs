//! Which fields an event may be given, and what they must look like.

use serde_json::Value;

use super::{refusal::Refusal, shelf::Account};

const EVENT: [&str; 12] = [
    "id",
    "summary",
    "description",
    "location",
    "status",
    "start",
    "end",
    "transparency",
    "visibility",
    "reminders",
    "extendedProperties",
    "source",
];
const EDGE: [&str; 3] = ["date", "dateTime", "timeZone"];
const STATUSES: [&str; 3] = ["confirmed", "tentative", "cancelled"];

/// Refuses what Google does not know or cannot read in an event that is complete.
pub(super) fn check(account: &Account, event: &Value) -> Result<(), Refusal> {
    for edge in ["start", "end"] {
        if !event[edge].is_object() {
            return Err(Refusal::new(
                400,
                "required",
                format!("Missing {edge} time."),
            ));
        }
    }
    let (start, end) = account
        .span(event)
        .ok_or_else(|| Refusal::invalid("Invalid start or end time."))?;
    if end < start {
        return Err(Refusal::new(
            400,
            "timeRangeEmpty",
            "The specified time range is empty.",
        ));
    }
    Ok(())
}

/// Refuses names and values that no event has.
pub(super) fn known(body: &Value) -> Result<(), Refusal> {
    let fields = body
        .as_object()
        .ok_or_else(|| Refusal::new(400, "parseError", "Parse Error"))?;
    for name in fields.keys() {
        if !EVENT.contains(&name.as_str()) {
            return Err(Refusal::invalid(format!(
                "Invalid JSON payload received. Unknown name \"{name}\"."
            )));
        }
    }
    for edge in ["start", "end"] {
        let named = body[edge].as_object();
        let mut names = named.into_iter().flatten().map(|(name, _)| name.as_str());
        if let Some(name) = names.find(|name| !EDGE.contains(name)) {
            return Err(Refusal::invalid(format!(
                "Unknown name \"{name}\" at {edge}."
            )));
        }
    }
    let is_one_of = |name: &str, values: &[&str]| match body[name].as_str() {
        None => body[name].is_null(),
        Some(text) => values.contains(&text),
    };
    let fits = is_one_of("status", &STATUSES)
        && is_one_of("transparency", &["opaque", "transparent"])
        && is_one_of("visibility", &["default", "public", "private"]);
    fits.then_some(())
        .ok_or_else(|| Refusal::invalid("Invalid value"))
}

/// RFC 2938's base32hex in lower case, 5 to 1024 characters.
pub(super) fn is_event_id(id: &str) -> bool {
    (5..=1024).contains(&id.len())
        && id
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'v'))
}

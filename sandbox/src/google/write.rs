//! Changes to a calendar, by an application or by its owner.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    fields,
    refusal::Refusal,
    shelf::{Account, is_cancelled},
};
use crate::clock;

/// Adds an event. An id that was ever used, also by what is deleted, cannot be used again.
pub(crate) fn insert(account: &mut Account, mut event: Value) -> Result<Value, Refusal> {
    fields::known(&event)?;
    fields::check(account, &event)?;
    if account.is_full() {
        return Err(Refusal::new(
            403,
            "quotaExceeded",
            "Calendar usage limits exceeded.",
        ));
    }
    let id = match event["id"].as_str() {
        None => Uuid::new_v4().simple().to_string(),
        Some(id) if fields::is_event_id(id) => id.to_owned(),
        Some(_) => return Err(Refusal::invalid("Invalid resource id value.")),
    };
    if account.events.contains_key(&id) {
        return Err(Refusal::new(
            409,
            "duplicate",
            "The requested identifier already exists.",
        ));
    }
    let now = clock::now();
    let usual = json!({
        "kind": "calendar#event",
        "id": id,
        "status": "confirmed",
        "created": clock::iso(now),
        "iCalUID": format!("{id}@google.com"),
        "creator": {"email": account.address, "self": true},
        "organizer": {"email": account.address, "self": true},
        "sequence": 0,
        "eventType": "default",
        "htmlLink": format!("https://www.google.com/calendar/event?eid={id}"),
    });
    for (name, value) in usual.as_object().into_iter().flatten() {
        if event[name].is_null() {
            event[name] = value.clone();
        }
    }
    Ok(account.keep(&id, event, now))
}

/// Changes the fields that `change` names; `null` takes one away.
pub(crate) fn patch(
    account: &mut Account,
    id: &str,
    change: &Value,
    etag: Option<&str>,
) -> Result<Value, Refusal> {
    fields::known(change)?;
    let mut event = found(account, id, etag)?;
    if is_cancelled(&event) && change["status"].as_str().is_none_or(|to| to == "cancelled") {
        return Err(Refusal::new(403, "forbidden", "The event is deleted."));
    }
    merge(&mut event, change);
    fields::check(account, &event)?;
    event["sequence"] = (event["sequence"].as_u64().unwrap_or_default() + 1).into();
    Ok(account.keep(id, event, clock::now()))
}

/// Deletes an event; what is left of it says so, to those who synchronise.
pub(crate) fn delete(account: &mut Account, id: &str, etag: Option<&str>) -> Result<(), Refusal> {
    let mut event = found(account, id, etag)?;
    if is_cancelled(&event) {
        return Err(Refusal::new(410, "deleted", "Resource has been deleted"));
    }
    event["status"] = "cancelled".into();
    account.keep(id, event, clock::now());
    Ok(())
}

fn found(account: &Account, id: &str, etag: Option<&str>) -> Result<Value, Refusal> {
    let kept = account.events.get(id).ok_or_else(Refusal::not_found)?;
    if etag.is_some_and(|etag| kept.event["etag"] != etag) {
        return Err(Refusal::new(412, "conditionNotMet", "Precondition Failed"));
    }
    Ok(kept.event.clone())
}

/// RFC 7396, as Google patches.
fn merge(event: &mut Value, change: &Value) {
    let Some(changes) = change.as_object() else {
        *event = change.clone();
        return;
    };
    if !event.is_object() {
        *event = Value::Object(Map::new());
    }
    for (name, value) in changes {
        if value.is_null() {
            if let Some(fields) = event.as_object_mut() {
                fields.remove(name);
            }
        } else {
            merge(&mut event[name], value);
        }
    }
}

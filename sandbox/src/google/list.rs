//! Listing events, all of them or what has changed.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    held,
    holder::{self, READS},
    refusal::Refusal,
    shelf::{Account, Kept, is_cancelled},
};
use crate::Sandbox;

const USUAL_PAGE: usize = 250;
const LARGEST_PAGE: usize = 2_500;
const KNOWN: [&str; 12] = [
    "alt",
    "fields",
    "maxResults",
    "orderBy",
    "pageToken",
    "privateExtendedProperty",
    "showDeleted",
    "singleEvents",
    "syncToken",
    "timeMax",
    "timeMin",
    "timeZone",
];
const NOT_WITH_SYNC: [&str; 4] = ["orderBy", "privateExtendedProperty", "timeMax", "timeMin"];

/// Which part of the calendar's changes is asked for.
struct Wanted {
    /// Changes after this one: of an earlier page, else of the sync token.
    after: u64,
    /// Up to this one; the next sync token goes on from here.
    until: u64,
    is_sync: bool,
    size: usize,
}

impl Wanted {
    fn read(account: &Account, given: &BTreeMap<String, String>) -> Result<Self, Refusal> {
        let sync = given.get("syncToken").map(|text| number(text, "sync-"));
        let mut wanted = Self {
            after: 0,
            until: account.changes,
            is_sync: sync.is_some(),
            size: USUAL_PAGE,
        };
        if let Some(from) = sync {
            let gone = || {
                Refusal::new(
                    410,
                    "fullSyncRequired",
                    "Sync token is no longer valid, a full sync is required.",
                )
            };
            wanted.after = from
                .filter(|from| *from >= account.forgotten)
                .ok_or_else(gone)?;
        }
        if let Some(page) = given.get("pageToken") {
            let parts = page
                .strip_prefix("page-")
                .and_then(|text| text.split_once('-'));
            let read =
                parts.and_then(|(after, until)| Some((after.parse().ok()?, until.parse().ok()?)));
            (wanted.after, wanted.until) =
                read.ok_or_else(|| Refusal::invalid("Invalid page token value."))?;
        }
        if let Some(size) = given.get("maxResults") {
            let size = size
                .parse()
                .ok()
                .filter(|size| (1..=LARGEST_PAGE).contains(size));
            wanted.size = size.ok_or_else(|| Refusal::invalid("Invalid maxResults"))?;
        }
        Ok(wanted)
    }
}

fn number(text: &str, prefix: &str) -> Option<u64> {
    text.strip_prefix(prefix)?.parse().ok()
}

pub(super) async fn list(
    State(sandbox): State<Arc<Sandbox>>,
    Path(calendar): Path<String>,
    Query(given): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let account = holder::account(&sandbox, &headers, READS)?;
    let account = held(&account);
    holder::calendar(&account, &calendar)?;
    check(&given)?;
    let wanted = Wanted::read(&account, &given)?;
    let mut found = matching(&account, &given, wanted.is_sync)?;
    found.retain(|kept| kept.change > wanted.after && kept.change <= wanted.until);
    found.sort_by_key(|kept| kept.change);
    let more = found.len() > wanted.size;
    found.truncate(wanted.size);
    Ok(Json(page(
        &account,
        &found,
        more,
        (&wanted, given.get("fields")),
    )))
}

/// Events that fit the window and the property, in no order.
fn matching<'a>(
    account: &'a Account,
    given: &BTreeMap<String, String>,
    is_sync: bool,
) -> Result<Vec<&'a Kept>, Refusal> {
    let bound = |name: &str| match given.get(name) {
        None => Ok(None),
        Some(text) => text
            .parse::<Timestamp>()
            .map(Some)
            .map_err(|_| Refusal::new(400, "badRequest", "Bad Request")),
    };
    let (from, to) = (bound("timeMin")?, bound("timeMax")?);
    let shows_deleted = is_sync || given.get("showDeleted").is_some_and(|it| it == "true");
    let property = given
        .get("privateExtendedProperty")
        .and_then(|it| it.split_once('='));
    let fits = |kept: &&Kept| {
        let span = account.span(&kept.event);
        let private = &kept.event["extendedProperties"]["private"];
        (shows_deleted || !is_cancelled(&kept.event))
            && from.is_none_or(|from| span.is_none_or(|(_, end)| end > from))
            && to.is_none_or(|to| span.is_none_or(|(start, _)| start < to))
            && property.is_none_or(|(name, value)| private[name] == value)
    };
    Ok(account.events.values().filter(fits).collect())
}

fn check(given: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if let Some(name) = given.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(Refusal::invalid(format!("Unknown name \"{name}\"")));
    }
    let is_sync = given.contains_key("syncToken");
    let hides = given.get("showDeleted").is_some_and(|it| it == "false");
    let clash = NOT_WITH_SYNC.iter().any(|name| given.contains_key(*name));
    if is_sync && (clash || hides) {
        return Err(Refusal::new(
            400,
            "badRequest",
            "Sync token cannot be used with this parameter.",
        ));
    }
    Ok(())
}

fn page(
    account: &Account,
    found: &[&Kept],
    more: bool,
    (wanted, fields): (&Wanted, Option<&String>),
) -> Value {
    let items: Vec<_> = found
        .iter()
        .map(|kept| shown(&kept.event, fields.map(String::as_str)))
        .collect();
    let mut answer = json!({
        "kind": "calendar#events",
        "summary": account.address,
        "timeZone": account.time_zone,
        "accessRole": "owner",
        "items": items,
    });
    if let (true, Some(last)) = (more, found.last()) {
        answer["nextPageToken"] = format!("page-{}-{}", last.change, wanted.until).into();
    } else {
        answer["nextSyncToken"] = format!("sync-{}", wanted.until).into();
    }
    answer
}

/// Only the fields in `items(…)`, if any are named.
fn shown(event: &Value, fields: Option<&str>) -> Value {
    let named = fields.and_then(|text| Some(text.split_once("items(")?.1.split_once(')')?.0));
    let Some(named) = named else {
        return event.clone();
    };
    let mut shown = Map::new();
    for path in named.split(',') {
        let name = path.split('/').next().unwrap_or_default();
        if let Some(value) = event.get(name) {
            shown.insert(name.to_owned(), value.clone());
        }
    }
    shown.into()
}

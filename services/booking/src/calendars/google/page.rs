//! A page of events.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_json::Value;

use super::answer::{Event, FIELDS};

/// Events of one page.
const SIZE: &str = "250";
/// What lies behind is of no use, and no booking is made further ahead.
const BACK: SignedDuration = SignedDuration::from_hours(24);
const AHEAD: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Where a listing begins or goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From<'a> {
    /// Everything around this moment.
    Start(Timestamp),
    /// What has changed since.
    Token(&'a str),
}

/// The parameters of one page. Google wants the same ones on every page of a listing.
pub(crate) fn query(from: From<'_>, page: Option<&str>) -> Vec<(&'static str, String)> {
    let mut query = vec![
        ("singleEvents", "true".to_owned()),
        ("maxResults", SIZE.to_owned()),
        ("fields", FIELDS.to_owned()),
    ];
    match from {
        From::Start(at) => {
            query.push(("timeMin", (at - BACK).to_string()));
            query.push(("timeMax", (at + AHEAD).to_string()));
        }
        From::Token(token) => query.push(("syncToken", token.to_owned())),
    }
    query.extend(page.map(|page| ("pageToken", page.to_owned())));
    query
}

/// What a page holds, and where to go from it.
pub(crate) struct Page {
    pub(crate) events: Vec<Event>,
    pub(crate) zone: TimeZone,
    pub(crate) next: Next,
}

pub(crate) enum Next {
    Page(String),
    /// The listing is complete; changes go on from here.
    Sync(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(default)]
    items: Vec<Value>,
    #[serde(default)]
    time_zone: String,
    next_page_token: Option<String>,
    next_sync_token: Option<String>,
}

impl Page {
    /// None when the page, or any event on it, cannot be read: one that was left out would be taken
    /// for free time.
    pub(crate) fn read(answer: Value) -> Option<Self> {
        let told: Told = serde_json::from_value(answer).ok()?;
        let events = told.items.iter().map(Event::read).collect::<Option<_>>()?;
        let next = match (told.next_page_token, told.next_sync_token) {
            (Some(page), _) => Next::Page(page),
            (None, Some(token)) => Next::Sync(token),
            (None, None) => return None,
        };
        let zone = TimeZone::get(&told.time_zone).unwrap_or(TimeZone::UTC);
        Some(Self { events, zone, next })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_is_read_whole_or_not_at_all() {
        let page = |items: Value| {
            Page::read(json!({"items": items, "timeZone": "UTC", "nextSyncToken": "s"}))
        };
        assert!(page(json!([{"id": "abcde"}])).is_some());
        assert!(page(json!([{"id": "abcde"}, {"id": 7}])).is_none());
        assert!(
            Page::read(json!({"items": []})).is_none(),
            "it leads nowhere"
        );
    }

    #[test]
    fn a_sync_token_goes_with_no_window() {
        let names = |from| {
            let query = query(from, Some("p"));
            query.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        let plain = ["singleEvents", "maxResults", "fields"];
        let since = names(From::Token("s"));
        assert_eq!(since, [&plain[..], &["syncToken", "pageToken"]].concat());
        let whole = names(From::Start(Timestamp::UNIX_EPOCH));
        assert_eq!(
            whole,
            [&plain[..], &["timeMin", "timeMax", "pageToken"]].concat()
        );
    }
}

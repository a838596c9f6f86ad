//! One account's calendar, with every change numbered.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;

use super::channels::Channel;

/// Events of one calendar; a test that needs more forgot to clear something.
const EVENTS: usize = 20_000;

/// Somebody with a calendar.
pub(crate) struct Account {
    pub(crate) address: String,
    pub(crate) time_zone: String,
    pub(crate) events: BTreeMap<String, Kept>,
    /// Number of the newest change.
    pub(crate) changes: u64,
    /// Sync tokens from before this change are too old.
    pub(crate) forgotten: u64,
    pub(crate) channels: Vec<Channel>,
}

/// An event and the change it came from.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) event: Value,
    pub(crate) change: u64,
}

impl Account {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            time_zone: "Europe/London".to_owned(),
            events: BTreeMap::new(),
            changes: 0,
            forgotten: 0,
            channels: Vec::new(),
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.events.len() >= EVENTS
    }

    /// Stores `event` as the newest change, with an etag of its own.
    pub(crate) fn keep(&mut self, id: &str, mut event: Value, now: Timestamp) -> Value {
        self.changes += 1;
        event["etag"] = format!("\"{}\"", 3_500_000_000_000_000_u64 + self.changes).into();
        event["updated"] = crate::clock::iso(now).into();
        let kept = Kept {
            event: event.clone(),
            change: self.changes,
        };
        self.events.insert(id.to_owned(), kept);
        event
    }

    /// When the event begins and ends; a day is one of the calendar's zone.
    pub(crate) fn span(&self, event: &Value) -> Option<(Timestamp, Timestamp)> {
        let edge = |edge: &Value| match edge["dateTime"].as_str() {
            Some(text) => text.parse().ok(),
            None => {
                let date: Date = edge["date"].as_str()?.parse().ok()?;
                let zone = TimeZone::get(&self.time_zone).ok()?;
                Some(date.to_zoned(zone).ok()?.timestamp())
            }
        };
        Some((edge(&event["start"])?, edge(&event["end"])?))
    }
}

pub(crate) fn is_cancelled(event: &Value) -> bool {
    event["status"] == "cancelled"
}

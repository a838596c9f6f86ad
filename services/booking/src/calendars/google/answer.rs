//! An event as Google tells it, with nothing of what it is about.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;
use serde_json::Value;

use crate::availability::Span;

/// What is asked for of each event. No title, no place and no guests but the owner's own answer
/// ever leave Google.
pub(crate) const FIELDS: &str = "nextPageToken,nextSyncToken,timeZone,\
    items(id,status,etag,updated,start,end,transparency,eventType,attendees/self,\
    attendees/responseStatus)";

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) etag: String,
    pub(crate) updated: Option<Timestamp>,
    pub(crate) is_cancelled: bool,
    /// Whether its owner can be booked meanwhile, by what they said themselves.
    pub(crate) is_free: bool,
    pub(crate) start: Option<Edge>,
    pub(crate) end: Option<Edge>,
}

/// When an event begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    At(Timestamp),
    /// A whole day, wherever its owner is.
    Day(Date),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    id: String,
    #[serde(default)]
    etag: String,
    #[serde(default)]
    status: String,
    updated: Option<Timestamp>,
    start: Option<ToldEdge>,
    end: Option<ToldEdge>,
    #[serde(default)]
    transparency: String,
    #[serde(default)]
    event_type: String,
    #[serde(default)]
    attendees: Vec<Attendee>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldEdge {
    date_time: Option<Timestamp>,
    date: Option<Date>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attendee {
    #[serde(default, rename = "self")]
    is_self: bool,
    #[serde(default)]
    response_status: String,
}

impl Event {
    pub(crate) fn read(answer: &Value) -> Option<Self> {
        let told = Told::deserialize(answer).ok()?;
        let declined = |one: &Attendee| one.is_self && one.response_status == "declined";
        // Where somebody works says nothing about whether they are busy.
        let is_place = told.event_type == "workingLocation";
        Some(Self {
            is_cancelled: told.status == "cancelled",
            is_free: told.transparency == "transparent"
                || is_place
                || told.attendees.iter().any(declined),
            id: told.id,
            etag: told.etag,
            updated: told.updated,
            start: told.start.and_then(ToldEdge::read),
            end: told.end.and_then(ToldEdge::read),
        })
    }

    /// From when to when it is; a day is one of `zone`.
    pub(crate) fn span(&self, zone: &TimeZone) -> Option<Span> {
        let at = |edge: Edge| match edge {
            Edge::At(at) => Some(at),
            Edge::Day(day) => Some(day.to_zoned(zone.clone()).ok()?.timestamp()),
        };
        let span = Span {
            from: at(self.start?)?,
            to: at(self.end?)?,
        };
        (span.from < span.to).then_some(span)
    }
}

impl ToldEdge {
    fn read(self) -> Option<Edge> {
        let at = self.date_time.map(Edge::At);
        at.or_else(|| self.date.map(Edge::Day))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_days_are_days_of_the_calendars_zone() {
        let event = Event::read(&json!({
            "id": "abcde", "status": "confirmed", "etag": "\"1\"",
            "start": {"date": "2026-12-01"}, "end": {"date": "2026-12-04"},
        }));
        let zone = TimeZone::get("America/New_York").unwrap();
        let span = event.unwrap().span(&zone).unwrap();
        assert_eq!(span.from.to_string(), "2026-12-01T05:00:00Z");
        assert_eq!(span.to.to_string(), "2026-12-04T05:00:00Z");
    }

    #[test]
    fn only_what_keeps_its_owner_busy_is_busy() {
        for (more, is_free) in [
            (json!({}), false),
            (json!({"transparency": "opaque"}), false),
            (json!({"transparency": "transparent"}), true),
            (json!({"eventType": "workingLocation"}), true),
            (json!({"eventType": "outOfOffice"}), false),
            (
                json!({"attendees": [{"self": true, "responseStatus": "declined"}]}),
                true,
            ),
            (
                json!({"attendees": [{"self": true, "responseStatus": "accepted"}]}),
                false,
            ),
            (
                json!({"attendees": [{"responseStatus": "declined"}]}),
                false,
            ),
        ] {
            let mut event = json!({"id": "abcde", "start": {"dateTime": "2026-12-01T10:00:00Z"}});
            for (name, value) in more.as_object().unwrap() {
                event[name] = value.clone();
            }
            assert_eq!(Event::read(&event).unwrap().is_free, is_free, "{more}");
        }
    }

    #[test]
    fn an_event_without_a_length_takes_no_time() {
        let at = json!({"dateTime": "2026-12-01T10:00:00+01:00"});
        let event = Event::read(&json!({"id": "abcde", "start": at, "end": at})).unwrap();
        assert_eq!(event.span(&TimeZone::UTC), None);
    }
}

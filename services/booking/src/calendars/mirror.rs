//! What a page of somebody's calendar means to us: pure.

use std::collections::HashMap;

use uuid::Uuid;
use voxanne_ids::BookingId;

use super::{
    conflict::{Change, Ours, Verdict, judge},
    event::booking_of,
    google::page::Page,
};
use crate::availability::Span;

/// What is to be done about a page.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// When its owner is busy, by event.
    pub(super) busy: Vec<(String, Span)>,
    /// Events that take no time, any more.
    pub(super) free: Vec<String>,
    /// Events of ours that are there.
    pub(super) met: Vec<Uuid>,
    /// Events of ours that somebody touched, with their etags.
    pub(super) touched: Vec<(BookingId, String)>,
    /// What somebody did to events of ours.
    pub(super) conflicts: Vec<(BookingId, Change, String)>,
}

/// Bookings whose events may be on the page.
pub(super) fn candidates(page: &Page) -> Vec<Uuid> {
    let ids = page.events.iter().filter_map(|event| booking_of(&event.id));
    ids.map(|id| id.as_uuid()).collect()
}

/// Our own events never make anybody busy: the booking does that already.
pub(super) fn read(page: &Page, ours: &HashMap<BookingId, Ours>) -> Findings {
    let mut found = Findings::default();
    for event in &page.events {
        let span = event.span(&page.zone);
        let known = booking_of(&event.id).and_then(|id| Some((id, ours.get(&id)?)));
        if let Some((booking, ours)) = known {
            let verdict = judge(ours, event, span);
            if !event.is_cancelled {
                found.met.push(booking.as_uuid());
            }
            match verdict {
                Verdict::Nothing => {}
                Verdict::Touched => found.touched.push((booking, event.etag.clone())),
                Verdict::Tell(change) => {
                    found.conflicts.push((booking, change, event.etag.clone()));
                }
                Verdict::Theirs => {}
            }
            if verdict != Verdict::Theirs {
                found.free.push(event.id.clone());
                continue;
            }
        }
        match span.filter(|_| !event.is_cancelled && !event.is_free) {
            Some(span) => found.busy.push((event.id.clone(), span)),
            None => found.free.push(event.id.clone()),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use voxanne_ids::BookingId;

    use super::{super::event::id_of, *};

    fn event(id: &str, more: Value) -> Value {
        let mut event = json!({
            "id": id, "etag": "\"1\"", "status": "confirmed",
            "start": {"dateTime": "2026-12-02T10:00:00Z"},
            "end": {"dateTime": "2026-12-02T10:30:00Z"},
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
        event
    }

    fn page(items: &[Value]) -> Page {
        let page = json!({"items": items, "timeZone": "Europe/London", "nextSyncToken": "s"});
        Page::read(page).expect("a page")
    }

    #[test]
    fn only_what_is_somebody_elses_makes_busy() {
        let booking = BookingId::new();
        let mine = id_of(booking);
        let page = page(&[
            event("dentist", json!({})),
            event("lunch", json!({"transparency": "transparent"})),
            event("gone1", json!({"status": "cancelled"})),
            event(
                "aday1",
                json!({"start": {"date": "2026-12-03"}, "end": {"date": "2026-12-04"}}),
            ),
            event(&mine, json!({})),
        ]);
        let span = page.events[4].span(&page.zone);
        let ours = Ours {
            is_written: true,
            is_due: false,
            etag: "\"1\"".to_owned(),
            updated: None,
            span,
            told: None,
            told_etag: String::new(),
        };
        let found = read(&page, &HashMap::from([(booking, ours)]));
        let busy: Vec<_> = found.busy.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(busy, ["dentist", "aday1"]);
        assert_eq!(found.free, ["lunch", "gone1", &mine]);
        assert_eq!(found.met, [booking.as_uuid()]);
        assert!(found.conflicts.is_empty() && found.touched.is_empty());
    }

    #[test]
    fn an_id_like_ours_that_no_booking_has_is_somebody_elses() {
        let stranger = id_of(BookingId::new());
        let found = read(&page(&[event(&stranger, json!({}))]), &HashMap::new());
        assert_eq!(found.busy.len(), 1);
    }
}

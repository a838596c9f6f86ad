//! A start at which one provider can be booked.

use std::ops::Range;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde_json::{Value, json};
use voxanne_ids::ProviderId;

use super::{Span, day::Day, offer::Offer, slot_id::SlotIds};
use crate::fields::CallRef;

/// A slot with everything a caller is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) id: String,
    pub(crate) visit: Span,
    pub(crate) provider: ProviderId,
    pub(crate) provider_name: String,
    /// Civil start at the location.
    pub(crate) local_time: DateTime,
    pub(crate) time_zone: String,
}

/// Which slots are wanted of those there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) span: Span,
    /// On this day of the location only.
    pub(crate) day: Option<Day>,
    /// Within these hours of the location's day only.
    pub(crate) hours: Range<i8>,
    /// Each start once, whoever it is with.
    pub(crate) each_time_once: bool,
    pub(crate) limit: usize,
}

impl Choice {
    /// The first `limit` slots of `span`, whatever the day or hour.
    pub(crate) const fn any(span: Span, limit: usize) -> Self {
        Self {
            span,
            day: None,
            hours: 0..24,
            each_time_once: false,
            limit,
        }
    }

    /// The date of the day that is wanted, where the clock is that of `zone`.
    pub(crate) fn date(&self, zone: &TimeZone, now: Timestamp) -> Option<Date> {
        let today = zone.to_datetime(now).date();
        self.day.map(|day| day.date(today))
    }

    fn holds(&self, start: Timestamp, zone: &TimeZone, date: Option<Date>) -> bool {
        if date.is_none() && self.hours == (0..24) {
            return true;
        }
        let civil = zone.to_datetime(start);
        self.hours.contains(&civil.hour()) && date.is_none_or(|date| civil.date() == date)
    }
}

/// The slots of `offer` that are wanted, by time and then by provider. No provider is asked for more
/// starts than are told.
pub(crate) fn list(
    offer: &Offer,
    choice: &Choice,
    now: Timestamp,
    (ids, call): (&SlotIds, &CallRef),
) -> Vec<Slot> {
    let length = offer.service.length();
    let mut ahead: Vec<_> = offer
        .providers
        .iter()
        .map(|provider| {
            let calendar = &provider.calendar;
            let slots = calendar.slots(length, choice.span, now);
            let date = choice.date(&calendar.zone, now);
            slots
                .filter(move |start| choice.holds(*start, &calendar.zone, date))
                .peekable()
        })
        .collect();
    let mut listed: Vec<Slot> = Vec::new();
    while listed.len() < choice.limit {
        // Of equal starts the first provider's comes first, and providers come by name.
        let nexts = ahead.iter_mut().map(|starts| starts.peek().copied());
        let first = nexts.zip(&offer.providers).enumerate();
        let first = first.filter_map(|(place, (start, provider))| Some((start?, place, provider)));
        let Some((start, place, provider)) = first.min_by_key(|(start, ..)| *start) else {
            break;
        };
        ahead[place].next();
        let told = listed.last().is_some_and(|last| last.visit.from == start);
        if choice.each_time_once && told {
            continue;
        }
        listed.push(Slot {
            id: ids.issue(provider.id, offer.service.id, start, call),
            visit: length.visit_from(start),
            provider: provider.id,
            provider_name: provider.name.clone(),
            local_time: provider.calendar.zone.to_datetime(start),
            time_zone: provider.time_zone.clone(),
        });
    }
    listed
}

/// A civil start as it is written for people: `2026-12-01T09:00`.
pub(crate) fn local_text(at: DateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M").to_string()
}

impl Slot {
    /// The form a slot has as an alternative to a taken one.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "slotId": self.id,
            "startsAt": self.visit.from,
            "endsAt": self.visit.to,
            "providerId": self.provider,
            "localTime": local_text(self.local_time),
            "timeZone": self.time_zone,
        })
    }
}

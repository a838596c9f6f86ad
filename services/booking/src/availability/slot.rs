//! A start at which one provider can be booked.

use jiff::{Timestamp, civil::DateTime};
use serde_json::{Value, json};
use voxanne_ids::ProviderId;

use super::{Span, offer::Offer, slot_id::SlotIds};
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

/// The first `limit` slots of `offer` in `span`, by time and then by provider.
pub(crate) fn list(
    offer: &Offer,
    (span, limit): (Span, usize),
    now: Timestamp,
    (ids, call): (&SlotIds, &CallRef),
) -> Vec<Slot> {
    let length = offer.service.length();
    let mut starts: Vec<_> = offer
        .providers
        .iter()
        .flat_map(|provider| {
            let slots = provider.calendar.slots(length, span, now).take(limit);
            slots.map(move |start| (start, provider))
        })
        .collect();
    // The sort is stable and providers come by name.
    starts.sort_by_key(|(start, _)| *start);
    starts.truncate(limit);
    starts
        .into_iter()
        .map(|(start, provider)| Slot {
            id: ids.issue(provider.id, offer.service.id, start, call),
            visit: length.visit_from(start),
            provider: provider.id,
            provider_name: provider.name.clone(),
            local_time: provider.calendar.zone.to_datetime(start),
            time_zone: provider.time_zone.clone(),
        })
        .collect()
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

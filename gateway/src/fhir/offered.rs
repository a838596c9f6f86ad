//! Free times a page at a time, for `Slot` and for `$find`.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use voxanne_ids::{ProviderId, ServiceId};
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::Tenant;

use super::date::{self, Limit, Span};
use crate::{App, reply::Refusal, routes::moment};

/// What is shown when nobody says how far to look.
const DEFAULT_SPAN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// As many as the service tells at once.
const MOST: u32 = 500;

/// Which free times are asked for.
pub(super) struct Wanted {
    /// The clinic's first service unless said.
    pub(super) service: Option<ServiceId>,
    pub(super) provider: Option<ProviderId>,
    pub(super) limits: Vec<Limit>,
    pub(super) count: u32,
    pub(super) after: Option<Place>,
}

/// A page of free times.
#[derive(Default)]
pub(super) struct Page {
    pub(super) slots: Vec<proto::Slot>,
    /// Leads to the next page.
    pub(super) next: Option<String>,
}

/// Where a page ended: at a start, of which this many slots were shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    starts_at: Timestamp,
    shown: u32,
}

impl Place {
    /// Reads a cursor; nothing is the first page.
    pub(super) fn read(text: &str, wrong: &mut Violations) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let place = Self::decode(text);
        if place.is_none() {
            let detail = "must be one that an earlier page gave";
            wrong.add("_cursor", "CURSOR", detail);
        }
        place
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (seconds, shown) = bytes.split_first_chunk()?;
        let shown = u32::from_be_bytes(shown.try_into().ok()?);
        let starts_at = Timestamp::from_second(i64::from_be_bytes(*seconds)).ok()?;
        (shown <= MOST).then_some(Self { starts_at, shown })
    }

    fn encode(self) -> String {
        let mut bytes = self.starts_at.as_second().to_be_bytes().to_vec();
        bytes.extend(self.shown.to_be_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// Asks for free times. A span without a moment in it has none.
pub(super) async fn find(app: &App, tenant: &Tenant, wanted: &Wanted) -> Result<Page, Refusal> {
    let zone = date::zone(app, tenant, &wanted.limits).await?;
    let Some(mut span) = Span::of(&wanted.limits, &zone) else {
        return Ok(Page::default());
    };
    if let Some(after) = wanted.after {
        span.from = span.from.max(Some(after.starts_at));
    }
    let from = span.from.unwrap_or_else(|| app.process.clock.now());
    let to = match span.to {
        Some(to) => to,
        None => from
            .saturating_add(DEFAULT_SPAN)
            .map_err(Problem::internal)?,
    };
    let span = Span {
        from: Some(from),
        to: Some(to),
    };
    if span.is_empty() {
        return Ok(Page::default());
    }
    let shown = wanted.after.map_or(0, |after| after.shown);
    let message = proto::FindSlotsRequest {
        service_id: wanted.service.map(|id| id.to_string()).unwrap_or_default(),
        provider_id: wanted.provider.map(|id| id.to_string()).unwrap_or_default(),
        from: moment::to_proto(span.from),
        to: moment::to_proto(span.to),
        // One more tells whether there is a next page.
        limit: (shown + wanted.count + 1).min(MOST),
        ..proto::FindSlotsRequest::default()
    };
    let booking = &app.clients.booking;
    let request = booking.request(tenant, message);
    let found = booking.client().find_slots(request).await?.into_inner();
    Ok(cut(found.slots, wanted))
}

/// The page that `slots` make, which begin where the page before ended.
fn cut(slots: Vec<proto::Slot>, wanted: &Wanted) -> Page {
    let start = |slot: &proto::Slot| {
        let at = slot.starts_at.as_ref()?;
        voxanne_clock::from_proto(at).ok()
    };
    let count = wanted.count as usize;
    let (before, shown) = match wanted.after {
        Some(place) => (Some(place.starts_at), place.shown as usize),
        None => (None, 0),
    };
    // Those that were taken meanwhile are not there to be passed over.
    let again = slots.iter().take_while(|slot| start(slot) == before);
    let again = again.count().min(shown);
    let mut slots: Vec<_> = slots.into_iter().skip(again).collect();
    let more = slots.len() > count;
    slots.truncate(count);
    let last = slots.last().filter(|_| more).and_then(start);
    let next = last.map(|starts_at| {
        let here = slots.iter().rev();
        let here = here
            .take_while(|slot| start(slot) == Some(starts_at))
            .count();
        let earlier = if before == Some(starts_at) { again } else { 0 };
        let shown = u32::try_from(here + earlier).unwrap_or(MOST).min(MOST);
        Place { starts_at, shown }.encode()
    });
    Page { slots, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(starts: &[i64]) -> Vec<proto::Slot> {
        let slot = |(number, seconds): (usize, &i64)| proto::Slot {
            slot_id: number.to_string(),
            starts_at: Some(prost_types::Timestamp {
                seconds: *seconds,
                nanos: 0,
            }),
            ..proto::Slot::default()
        };
        starts.iter().enumerate().map(slot).collect()
    }

    /// The ids of all pages, as a client gets them that follows the links.
    fn walk(starts: &[i64], count: u32) -> Vec<String> {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let wanted = Wanted {
                service: None,
                provider: None,
                limits: Vec::new(),
                count,
                after,
            };
            let from = after.map_or(i64::MIN, |place: Place| place.starts_at.as_second());
            let shown = after.map_or(0, |place| place.shown);
            let mut told = slots(starts);
            told.retain(|slot| slot.starts_at.unwrap().seconds >= from);
            told.truncate((shown + count + 1) as usize);
            let page = cut(told, &wanted);
            assert!(page.slots.len() <= count as usize);
            ids.extend(page.slots.into_iter().map(|slot| slot.slot_id));
            let Some(next) = page.next else { return ids };
            let mut wrong = Violations::default();
            after = Place::read(&next, &mut wrong);
            assert!(after.is_some(), "{next}");
        }
    }

    #[test]
    fn the_pages_show_every_slot_once() {
        let starts = [10, 10, 10, 10, 10, 20, 30, 30, 40];
        let all: Vec<_> = (0..starts.len()).map(|number| number.to_string()).collect();
        for count in 1..12 {
            assert_eq!(walk(&starts, count), all, "{count}");
        }
        assert!(walk(&[], 1).is_empty());
    }

    #[test]
    fn a_forged_cursor_is_refused() {
        for text in ["?", "AAAA", "AAAAAAAAAAD_____", "f_________8AAAAA"] {
            let mut wrong = Violations::default();
            assert_eq!(Place::read(text, &mut wrong), None, "{text}");
            assert!(wrong.finish(Some(())).is_err(), "{text}");
        }
    }
}

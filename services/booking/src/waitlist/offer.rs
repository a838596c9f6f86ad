//! Offering time that has become free to those who wait, by rank.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use voxanne_events::New;
use voxanne_ids::{HoldId, ProviderId, ServiceId};
use voxanne_pg::OrgTx;

use super::{
    Offered,
    State::Offered as IsOffered,
    Step,
    store::{self, waiting::Waiting},
};
use crate::{
    Desk, Error,
    availability::{
        Span,
        find::WhichService,
        offer::{Offer, Working},
        store::Which,
    },
    bookings::{
        store::{lock_daily_limit, rollback_to, savepoint},
        target,
    },
    claims::{self, Manner, Owner},
    fields::CallRef,
    holds::{self, Hold, store::NewRow},
    services,
};

/// Starts tried for one entry: more are only free when its patient has other visits then.
const STARTS: usize = 4;

/// Time of a provider that somebody gave back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Freed {
    pub(crate) provider: ProviderId,
    pub(crate) span: Span,
}

/// What offers are made by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) now: Timestamp,
    /// How long an offer stands, unless its visit begins before.
    pub(crate) ttl: Duration,
}

impl Freed {
    pub(crate) const fn of(offered: &Offered) -> Self {
        Self {
            provider: offered.provider,
            span: offered.visit,
        }
    }
}

impl Desk {
    pub(crate) fn terms(&self) -> Terms {
        Terms {
            now: self.clock.now(),
            ttl: self.offer_ttl,
        }
    }
}

/// Offers what is `freed` to the best who fit, each slot to one, and says so. Whoever calls has
/// taken [`store::lock_offers`] before any other lock.
pub(crate) async fn offer(
    tx: &mut OrgTx,
    freed: &[Freed],
    terms: Terms,
) -> Result<Vec<New>, Error> {
    let mut events = Vec::new();
    if freed.is_empty() {
        return Ok(events);
    }
    for one in freed.iter().filter(|one| one.span.to > terms.now) {
        let mut offers = Offers::new(*one, terms.now);
        for waiting in store::waiting::list(tx, one).await? {
            if let Some(event) = offer_to(tx, &mut offers, &waiting, terms).await? {
                events.push(event);
                offers.forget();
            }
        }
    }
    Ok(events)
}

/// Offers one entry the first freed start it would take.
async fn offer_to(
    tx: &mut OrgTx,
    offers: &mut Offers,
    waiting: &Waiting,
    terms: Terms,
) -> Result<Option<New>, Error> {
    let freed = offers.freed;
    let Some(offer) = offers.of(tx, waiting.service).await? else {
        return Ok(None);
    };
    for (provider, start) in fitting(offer, freed, waiting, terms.now) {
        if let Some(hold) = hold(tx, (offer, provider, start), waiting, terms).await? {
            let step = Step {
                id: waiting.id,
                state: IsOffered,
                version: waiting.version + 1,
            };
            store::insert_offer(tx, waiting.id, &hold).await?;
            store::set_state(tx, step).await?;
            tx.note(
                "waitlist.offered",
                [waiting.id.as_uuid(), hold.id.as_uuid()],
            );
            return Ok(Some(offered(step, &hold, terms.now)));
        }
    }
    Ok(None)
}

/// Starts whose visit, with its buffers, needs some of what was freed.
fn fitting<'a>(
    offer: &'a Offer,
    freed: Freed,
    waiting: &Waiting,
    now: Timestamp,
) -> Vec<(&'a Working, Timestamp)> {
    let length = offer.service.length();
    let around = freed.span.widened(length.needed());
    let of_provider = |provider: &'a Working| {
        provider
            .calendar
            .slots(length, around, now)
            .filter(|start| length.busy_from(*start).overlaps(&freed.span))
            .filter(|start| {
                let local = provider.calendar.zone.to_datetime(*start);
                waiting.wish.takes(provider.id, local)
            })
            .filter(|start| !waiting.asked.contains(start))
            .take(STARTS)
            .map(|start| (provider, start))
            .collect::<Vec<_>>()
    };
    offer.providers.iter().flat_map(of_provider).collect()
}

/// Holds the start, in the first room that is free, with everything its visit takes, so that nobody
/// gets it before it is accepted; or leaves the transaction as it was.
async fn hold(
    tx: &mut OrgTx,
    (offer, provider, start): (&Offer, &Working, Timestamp),
    waiting: &Waiting,
    terms: Terms,
) -> Result<Option<Hold>, Error> {
    let until_visit = Duration::try_from(start.duration_since(terms.now)).unwrap_or_default();
    let length = offer.service.length();
    for place in target::places(provider, length, start) {
        savepoint(tx, "before_offer").await?;
        let row = NewRow {
            id: HoldId::new(),
            holder: &format!("waitlist:{}", waiting.id),
            call: &CallRef::default(),
            provider: provider.id,
            service: offer.service.id,
            visit: length.visit_from(start),
            time_zone: &provider.time_zone,
            local_time: provider.calendar.zone.to_datetime(start),
        };
        let hold = holds::store::insert(tx, &row, terms.ttl.min(until_visit)).await?;
        let claims = target::claims(offer, place, start, Some(waiting.patient));
        let owner = Owner::Hold(hold.id);
        let refused = claims::store::take(tx, owner, &claims, Manner::Exclusive).await?;
        if refused.is_empty() {
            return Ok(Some(hold));
        }
        rollback_to(tx, "before_offer").await?;
    }
    Ok(None)
}

fn offered(step: Step, hold: &Hold, at: Timestamp) -> New {
    New {
        kind: "waitlist.offered",
        at,
        data: json!({
            "entryId": step.id,
            "version": step.version,
            "holdId": hold.id,
            "startsAt": hold.visit.from,
            "endsAt": hold.visit.to,
            "providerId": hold.provider,
            "serviceId": hold.service,
            "expiresAt": hold.expires_at,
        }),
    }
}

/// The provider's calendar for each service that somebody waits for, read once until it changes.
struct Offers {
    freed: Freed,
    now: Timestamp,
    read: Vec<(ServiceId, Option<Offer>)>,
}

impl Offers {
    const fn new(freed: Freed, now: Timestamp) -> Self {
        Self {
            freed,
            now,
            read: Vec::new(),
        }
    }

    fn forget(&mut self) {
        self.read.clear();
    }

    /// `None` when the service or its provider is not offered.
    async fn of(&mut self, tx: &mut OrgTx, service: ServiceId) -> Result<Option<&Offer>, Error> {
        let place = match self.read.iter().position(|(id, _)| *id == service) {
            Some(place) => place,
            None => {
                let read = match load(tx, service, (self.freed, self.now)).await {
                    Ok(offer) => Some(offer),
                    Err(Error::NotFound(_)) => None,
                    Err(error) => return Err(error),
                };
                self.read.push((service, read));
                self.read.len() - 1
            }
        };
        Ok(self.read[place].1.as_ref())
    }
}

async fn load(
    tx: &mut OrgTx,
    service: ServiceId,
    (freed, now): (Freed, Timestamp),
) -> Result<Offer, Error> {
    let service = services::store::choose(tx, &WhichService::One(service)).await?;
    lock_daily_limit(tx, &service).await?;
    Offer::load(tx, service, &Which::One(freed.provider), freed.span, now).await
}

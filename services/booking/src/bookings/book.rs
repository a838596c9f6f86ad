//! Booking a slot, or none of it.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use voxanne_events::New;
use voxanne_idempotency::{
    KeyedRequest,
    record::{self, Claim},
};
use voxanne_ids::{BookingId, PatientId, ServiceId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::{Permission, Tenant};

use super::{
    Booking, Source, announce,
    answer::{self, Answer},
    store::{self, NewRow},
};
use crate::{
    Desk, Error,
    availability::{
        Refusal, Span,
        find::WhichService,
        offer::{Offer, Working},
        slot,
        slot_id::SlotIds,
        store::Which,
    },
    error::What,
    fields::CallRef,
    patients::{self, NewPatient},
    rights, services,
};

const OPERATION: &str = "booking.create";
/// How far ahead of a taken time alternatives are looked for, and how many are told.
const LOOK_AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);
const ALTERNATIVES: usize = 3;

/// A request to book.
#[derive(Clone)]
pub(crate) struct NewBooking {
    pub(crate) service: WhichService,
    pub(crate) providers: Which,
    pub(crate) starts_at: Timestamp,
    /// The field the time came in, to be named when it is not acceptable.
    pub(crate) time_field: &'static str,
    pub(crate) who: Who,
    pub(crate) notes: Private<String>,
    pub(crate) source: Source,
    pub(crate) call: CallRef,
}

/// Who is to be seen.
#[derive(Clone)]
pub(crate) enum Who {
    Named(NewPatient),
    Known(PatientId),
}

impl Desk {
    /// Books `new`. With a key, the first answer is also the answer to every repetition.
    #[tracing::instrument(name = "booking.book", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn book(
        &self,
        tenant: &Tenant,
        new: &NewBooking,
        keyed: Option<&KeyedRequest>,
    ) -> Result<proto::CreateBookingResponse, Error> {
        rights::require(tenant, Permission::BookingsWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if let Some(keyed) = keyed
            && let Claim::Replay(kept) = record::claim(&mut tx, OPERATION, keyed).await?
        {
            let again = answer::replay(&kept);
            if let Ok(shown) = &again {
                tx.note("booking.repeated", answer::records(shown));
            }
            tx.commit().await?;
            return again;
        }
        let (answer, events) = self.attempt(&mut tx, tenant, new).await?;
        match &answer {
            Answer::Booked(booking) => tx.note("booking.created", booking.records()),
            Answer::Had(booking) => tx.note("booking.repeated", booking.records()),
            // Nobody's data is in the alternatives.
            Answer::SlotTaken { .. } => {}
        }
        if let Some(keyed) = keyed {
            record::keep(&mut tx, OPERATION, keyed, &answer.encode()).await?;
        }
        self.log.commit(tx, events).await?;
        answer.give()
    }

    async fn attempt(
        &self,
        tx: &mut OrgTx,
        tenant: &Tenant,
        new: &NewBooking,
    ) -> Result<(Answer, Vec<New>), Error> {
        let now = self.clock.now();
        let service = services::store::choose(tx, &new.service).await?;
        if let Some(had) = had_by_call(tx, new, service.id).await? {
            return Ok((Answer::Had(Box::new(had)), Vec::new()));
        }
        let around = Span {
            from: new.starts_at,
            to: new.starts_at,
        };
        let offer = Offer::load(tx, service, &new.providers, around).await?;
        let candidates = candidates(&offer, new, now)?;
        store::savepoint(tx).await?;
        let patient = patient(tx, &new.who).await?;
        for provider in candidates {
            let row = row(&offer, provider, new, (patient, now));
            if store::insert(tx, &row).await? {
                store::add_change(
                    tx,
                    (row.id, 1),
                    (row.status, &Private::default(), now),
                    tenant,
                )
                .await?;
                let booking = store::load(tx, row.id).await?;
                let booking = booking.ok_or(Error::Unreadable("new booking"))?;
                let event = announce::created(&booking, now);
                return Ok((Answer::Booked(Box::new(booking)), vec![event]));
            }
        }
        // A refused request leaves no patient behind.
        store::rollback_to_savepoint(tx).await?;
        let alternatives = self.alternatives(tx, offer, new, now).await?;
        Ok((Answer::SlotTaken { alternatives }, Vec::new()))
    }

    /// The next free slots from the wanted start on, read afresh.
    async fn alternatives(
        &self,
        tx: &mut OrgTx,
        offer: Offer,
        new: &NewBooking,
        now: Timestamp,
    ) -> Result<String, Error> {
        let span = Span {
            from: new.starts_at,
            to: new.starts_at + LOOK_AHEAD,
        };
        let offer = Offer::load(tx, offer.service, &new.providers, span).await?;
        let ids = SlotIds::new(self.keys.clone(), tx.org());
        let slots = slot::list(
            &offer,
            &slot::Choice::any(span, ALTERNATIVES),
            now,
            (&ids, &new.call),
        );
        let slots: Vec<_> = slots.iter().map(slot::Slot::to_json).collect();
        Ok(json!({ "alternatives": slots }).to_string())
    }
}

/// The booking this call already has for the wanted patient and start. A call that asks twice at
/// once waits for itself here, so that "any provider" does not give one patient two.
async fn had_by_call(
    tx: &mut OrgTx,
    new: &NewBooking,
    service: ServiceId,
) -> Result<Option<Booking>, Error> {
    if new.call.as_str().is_empty() {
        return Ok(None);
    }
    store::lock_call(tx, &new.call).await?;
    store::find_of_call(tx, new, service).await
}

/// The providers who can be booked at the wanted start, in the order in which they are tried; none
/// when all are taken.
fn candidates<'a>(
    offer: &'a Offer,
    new: &NewBooking,
    now: Timestamp,
) -> Result<Vec<&'a Working>, Error> {
    let length = offer.service.length();
    let mut free = Vec::new();
    let mut refusals = Vec::new();
    for provider in &offer.providers {
        match provider.calendar.judge(length, new.starts_at, now) {
            Ok(()) => free.push(provider),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if !free.is_empty() || refusals.contains(&Refusal::Taken) {
        return Ok(free);
    }
    match refusals.first() {
        Some(refusal) => Err(refused(new.time_field, *refusal).into()),
        None => Err(Error::NotFound(What::Provider)),
    }
}

fn refused(field: &'static str, refusal: Refusal) -> Problem {
    let (code, detail) = match refusal {
        Refusal::InPast => ("IN_PAST", "must lie in the future"),
        Refusal::TooFar => ("TOO_FAR", "must be at most 400 days away"),
        Refusal::OutsideHours => ("OUTSIDE_HOURS", "must lie within the opening hours"),
        Refusal::OffGrid => ("OFF_GRID", "must be one of the times that are offered"),
        Refusal::Taken => ("TAKEN", "must be free"),
    };
    let mut bad = Violations::default();
    bad.add(field, code, detail);
    bad.finish::<()>(None).expect_err("a violation was noted")
}

async fn patient(tx: &mut OrgTx, who: &Who) -> Result<PatientId, Error> {
    match who {
        Who::Named(new) => Ok(patients::store::find_or_insert(tx, new).await?.id),
        Who::Known(id) => {
            let known = patients::store::load(tx, *id).await?;
            Ok(known.ok_or(Error::NotFound(What::Patient))?.id)
        }
    }
}

fn row<'a>(
    offer: &Offer,
    provider: &'a Working,
    new: &'a NewBooking,
    (patient, now): (PatientId, Timestamp),
) -> NewRow<'a> {
    let length = offer.service.length();
    NewRow {
        id: BookingId::new(),
        status: super::Status::Booked,
        provider: provider.id,
        service: offer.service.id,
        patient,
        visit: length.visit_from(new.starts_at),
        busy: length.busy_from(new.starts_at),
        time_zone: &provider.time_zone,
        local_time: provider.calendar.zone.to_datetime(new.starts_at),
        source: new.source,
        call: &new.call,
        notes: &new.notes,
        created_at: now,
    }
}

//! Booking a slot, or none of it.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use voxanne_events::New;
use voxanne_idempotency::{
    KeyedRequest,
    record::{self, Claim},
};
use voxanne_ids::{BookingId, HoldId, PatientId, ServiceId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::{Caller, Permission, Tenant};

use super::{
    Booking, Source, Status, announce,
    answer::{self, Answer},
    store::{self, Entry, NewRow},
    target::{self, Overbook, Place, Target},
};
use crate::{
    Desk, Error,
    availability::{Span, offer::Offer, slot, slot_id::SlotIds},
    claims::{self, Owner, Resource},
    contention,
    error::What,
    fields::CallRef,
    patients::{self, NewPatient},
    rights,
    services::{
        self, Service,
        terms::{Approval, Patients},
    },
};

const OPERATION: &str = "booking.create";
/// How far ahead of a taken time alternatives are looked for, and how many are told.
const LOOK_AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);
const ALTERNATIVES: usize = 3;

/// A request to book.
#[derive(Clone)]
pub(crate) struct NewBooking {
    /// The slot that is wanted; with a hold it may be left out.
    pub(crate) target: Option<Target>,
    pub(crate) hold: Option<HoldId>,
    pub(crate) who: Who,
    pub(crate) notes: Private<String>,
    pub(crate) source: Source,
    pub(crate) call: CallRef,
    pub(crate) overbook: Overbook,
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
        new.overbook.check(tenant)?;
        contention::settle(|| self.book_once(tenant, new, keyed)).await
    }

    async fn book_once(
        &self,
        tenant: &Tenant,
        new: &NewBooking,
        keyed: Option<&KeyedRequest>,
    ) -> Result<proto::CreateBookingResponse, Error> {
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
            Answer::SlotTaken { .. } | Answer::PatientBusy => {}
        }
        if let Some(keyed) = keyed {
            record::keep(&mut tx, OPERATION, keyed, &answer.encode()).await?;
        }
        self.log.commit(tx, events).await?;
        answer.give()
    }

    /// Books within `tx`; what cannot be booked leaves it as it was.
    pub(crate) async fn attempt(
        &self,
        tx: &mut OrgTx,
        tenant: &Tenant,
        new: &NewBooking,
    ) -> Result<(Answer, Vec<New>), Error> {
        let now = self.clock.now();
        store::savepoint(tx, "before_booking").await?;
        let wanted = target::of(tx, new).await?;
        let service = services::store::choose(tx, &wanted.service).await?;
        if let Some(had) = had_by_call(tx, new, (&wanted, service.id)).await? {
            return Ok((Answer::Had(Box::new(had)), Vec::new()));
        }
        store::lock_daily_limit(tx, &service).await?;
        let offer = Offer::load(tx, service, &wanted.providers, wanted.moment(), now).await?;
        let candidates = target::candidates(&offer, &wanted, &new.overbook, now)?;
        let patient = patient(tx, &new.who).await?;
        check_patient(tx, &offer.service, patient, (&new.overbook, now)).await?;
        let status = first_status(&offer.service, tenant);
        let mut patient_is_busy = false;
        for place in candidates {
            let row = row(
                &offer,
                place,
                (new, wanted.starts_at),
                (patient, status, now),
            );
            match book_at(tx, tenant, &offer, place, &row).await? {
                Placed::Booked(booking) => {
                    let event = announce::created(&booking, now);
                    return Ok((Answer::Booked(booking), vec![event]));
                }
                Placed::Taken => {}
                Placed::PatientBusy => {
                    patient_is_busy = true;
                    break;
                }
            }
        }
        // A refused request leaves no patient behind, and a hold as it was.
        store::rollback_to(tx, "before_booking").await?;
        // A caller is not told what else a patient has on.
        if patient_is_busy && !target::is_patient(tenant) {
            return Ok((Answer::PatientBusy, Vec::new()));
        }
        let alternatives = self.alternatives(tx, offer, &wanted, &new.call).await?;
        Ok((Answer::SlotTaken { alternatives }, Vec::new()))
    }

    /// The next free slots from the wanted start on, read afresh.
    pub(crate) async fn alternatives(
        &self,
        tx: &mut OrgTx,
        offer: Offer,
        wanted: &Target,
        call: &CallRef,
    ) -> Result<String, Error> {
        let span = Span {
            from: wanted.starts_at,
            to: wanted.starts_at + LOOK_AHEAD,
        };
        let now = self.clock.now();
        let offer = Offer::load(tx, offer.service, &wanted.providers, span, now).await?;
        let ids = SlotIds::new(self.keys.clone(), tx.org());
        let choice = slot::Choice::any(span, ALTERNATIVES);
        let slots = slot::list(&offer, &choice, now, (&ids, call));
        let slots: Vec<_> = slots.iter().map(slot::Slot::to_json).collect();
        Ok(json!({ "alternatives": slots }).to_string())
    }
}

/// The booking this call already has for the wanted patient and start. A call that asks twice at
/// once waits for itself here, so that "any provider" does not give one patient two.
async fn had_by_call(
    tx: &mut OrgTx,
    new: &NewBooking,
    wanted: (&Target, ServiceId),
) -> Result<Option<Booking>, Error> {
    if new.call.as_str().is_empty() {
        return Ok(None);
    }
    store::lock_call(tx, &new.call).await?;
    store::find_of_call(tx, new, wanted).await
}

pub(crate) async fn patient(tx: &mut OrgTx, who: &Who) -> Result<PatientId, Error> {
    match who {
        Who::Named(new) => Ok(patients::store::find_or_insert(tx, new).await?.id),
        Who::Known(id) => {
            let known = patients::store::load(tx, *id).await?;
            Ok(known.ok_or(Error::NotFound(What::Patient))?.id)
        }
    }
}

/// Some services are for those who come for the first time, or for those who were here. Staff who
/// overbook know better.
async fn check_patient(
    tx: &mut OrgTx,
    service: &Service,
    patient: PatientId,
    (overbook, now): (&Overbook, Timestamp),
) -> Result<(), Error> {
    let wanted = match service.terms.patients {
        Patients::Anyone => return Ok(()),
        _ if overbook.0.is_some() => return Ok(()),
        Patients::New => false,
        Patients::Returning => true,
    };
    if store::was_seen(tx, patient, now).await? == wanted {
        Ok(())
    } else {
        Err(Error::PatientNotEligible)
    }
}

/// What staff book themselves they have approved.
const fn first_status(service: &Service, tenant: &Tenant) -> Status {
    match (service.terms.approval, tenant.caller()) {
        (Approval::Instant, _) | (Approval::Approval, Caller::User { .. }) => Status::Booked,
        (Approval::Approval, _) => Status::Requested,
    }
}

fn row<'a>(
    offer: &Offer,
    place: Place<'a>,
    (new, starts_at): (&'a NewBooking, Timestamp),
    (patient, status, now): (PatientId, Status, Timestamp),
) -> NewRow<'a> {
    let Place { provider, room } = place;
    NewRow {
        id: BookingId::new(),
        status,
        provider: provider.id,
        room,
        service: offer.service.id,
        patient,
        visit: offer.service.length().visit_from(starts_at),
        time_zone: &provider.time_zone,
        local_time: provider.calendar.zone.to_datetime(starts_at),
        source: new.source,
        call: &new.call,
        notes: &new.notes,
        overbook: &new.overbook,
        created_at: now,
    }
}

enum Placed {
    Booked(Box<Booking>),
    /// The provider or the room.
    Taken,
    PatientBusy,
}

/// Books `row` with everything it takes, or leaves the transaction as it was.
async fn book_at(
    tx: &mut OrgTx,
    tenant: &Tenant,
    offer: &Offer,
    place: Place<'_>,
    row: &NewRow<'_>,
) -> Result<Placed, Error> {
    store::savepoint(tx, "before_place").await?;
    store::insert(tx, row).await?;
    let wanted = target::claims(offer, place, row.visit.from, Some(row.patient));
    let owner = Owner::Booking(row.id);
    let refused = claims::store::take(tx, owner, &wanted, row.overbook.manner()).await?;
    match refused.as_slice() {
        [] => {
            let entry = Entry {
                status: row.status,
                reason: row.overbook.0.clone().unwrap_or_default(),
                at: row.created_at,
                moved_from: None,
            };
            store::add_change(tx, (row.id, 1), &entry, tenant).await?;
            let booking = store::load(tx, row.id).await?;
            let booking = booking.ok_or(Error::Unreadable("new booking"))?;
            Ok(Placed::Booked(Box::new(booking)))
        }
        refused => {
            store::rollback_to(tx, "before_place").await?;
            Ok(match refused {
                [Resource::Patient(_)] => Placed::PatientBusy,
                _ => Placed::Taken,
            })
        }
    }
}

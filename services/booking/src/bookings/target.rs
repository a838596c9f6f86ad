//! The slot that somebody wants, and who can give it.

use jiff::Timestamp;
use voxanne_ids::{HoldId, PatientId, RoomId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_problem::{Problem, Violations};
use voxanne_tenant::{Caller, Tenant};

use super::book::NewBooking;
use crate::{
    Error,
    availability::{
        Length, Refusal, Span,
        find::WhichService,
        offer::{Offer, Working},
        store::Which,
    },
    claims::{Claim, Manner, Resource},
    error::What,
    holds::{self, Hold},
};

/// A service, by whom, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) service: WhichService,
    pub(crate) providers: Which,
    pub(crate) starts_at: Timestamp,
    /// The field the time came in, to be named when it is not acceptable.
    pub(crate) field: &'static str,
}

/// Books over what is taken, for this reason.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overbook(pub(crate) Option<Private<String>>);

impl Target {
    /// What `hold` keeps.
    const fn held(hold: &Hold) -> Self {
        Self {
            service: WhichService::One(hold.service),
            providers: Which::One(hold.provider),
            starts_at: hold.visit.from,
            field: "holdId",
        }
    }

    /// Whether `hold` keeps what is asked for here.
    fn is_kept_by(&self, hold: &Hold) -> bool {
        let provider = match &self.providers {
            Which::One(id) => *id == hold.provider,
            Which::Any | Which::Named(_) => true,
        };
        self.service == WhichService::One(hold.service)
            && self.starts_at == hold.visit.from
            && provider
    }

    pub(crate) const fn moment(&self) -> Span {
        Span {
            from: self.starts_at,
            to: self.starts_at,
        }
    }
}

/// The slot that `new` wants; a hold of it is over then. A hold that has ended is no reason to refuse
/// a time that is still free.
pub(crate) async fn of(tx: &mut OrgTx, new: &NewBooking) -> Result<Target, Error> {
    let hold = match new.hold {
        Some(id) => end_hold(tx, id, new).await?,
        None => None,
    };
    match (hold, &new.target) {
        (Some(hold), None) => Ok(Target::held(&hold)),
        (Some(hold), Some(target)) if target.is_kept_by(&hold) => Ok(Target::held(&hold)),
        (Some(_), Some(_)) => {
            Err(bad("holdId", "OTHER_SLOT", "must keep the slot that is booked").into())
        }
        (None, Some(target)) => Ok(target.clone()),
        (None, None) => Err(Error::NotFound(What::Hold)),
    }
}

async fn end_hold(
    tx: &mut OrgTx,
    id: HoldId,
    new: &NewBooking,
) -> Result<Option<Hold>, sqlx::Error> {
    let hold = holds::store::lock(tx, id, &new.call).await?;
    if hold.is_some() {
        holds::store::delete(tx, id).await?;
    }
    Ok(hold)
}

/// Where a visit can take place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) provider: &'a Working,
    /// `None` when the service needs none, or staff overbook and there is none.
    pub(crate) room: Option<RoomId>,
}

/// The places that can be booked at the wanted start, in the order in which they are tried; none
/// when all are taken. Overbooking asks for nothing but the time to be ahead.
pub(crate) fn candidates<'a>(
    offer: &'a Offer,
    target: &Target,
    overbook: &Overbook,
    now: Timestamp,
) -> Result<Vec<Place<'a>>, Error> {
    let length = offer.service.length();
    let (mut free, mut refusals) = (Vec::new(), Vec::new());
    for provider in &offer.providers {
        match provider.calendar.judge(length, target.starts_at, now) {
            Ok(()) => free.extend(places(provider, length, target.starts_at)),
            Err(refusal) if overbook.0.is_some() && refusal.is_for_staff_to_ignore() => {
                let mut all = places(provider, length, target.starts_at);
                let nowhere = Place {
                    provider,
                    room: None,
                };
                free.push(all.next().unwrap_or(nowhere));
            }
            Err(refusal) => refusals.push(refusal),
        }
    }
    if !free.is_empty() || refusals.iter().any(|refusal| refusal.is_taken()) {
        return Ok(free);
    }
    match refusals.first() {
        Some(refusal) => Err(refused(target.field, *refusal).into()),
        None => Err(Error::NotFound(What::Provider)),
    }
}

/// A provider with each room that is free, or without any when none is needed.
pub(crate) fn places(
    provider: &Working,
    length: Length,
    starts_at: Timestamp,
) -> impl Iterator<Item = Place<'_>> {
    let free = provider.calendar.free_rooms(length, starts_at);
    let alone = free.is_none().then_some(None);
    let rooms = free.into_iter().flatten().map(Some);
    rooms.chain(alone).map(move |room| Place { provider, room })
}

fn refused(field: &'static str, refusal: Refusal) -> Problem {
    let (code, detail) = refusal.told();
    bad(field, code, detail)
}

fn bad(field: &'static str, code: &'static str, detail: &'static str) -> Problem {
    let mut bad = Violations::default();
    bad.add(field, code, detail);
    bad.finish::<()>(None).expect_err("a violation was noted")
}

/// What a visit takes: the provider and the room with the buffers, the patient without.
pub(crate) fn claims(
    offer: &Offer,
    place: Place<'_>,
    starts_at: Timestamp,
    patient: Option<PatientId>,
) -> Vec<Claim> {
    let length = offer.service.length();
    let (busy, visit) = (length.busy_from(starts_at), length.visit_from(starts_at));
    let claim = |resource, busy| Claim { resource, busy };
    let room = place.room.map(|id| claim(Resource::Room(id), busy));
    let patient = patient.map(|id| claim(Resource::Patient(id), visit));
    let provider = claim(Resource::Provider(place.provider.id), busy);
    [Some(provider), room, patient]
        .into_iter()
        .flatten()
        .collect()
}

impl Overbook {
    pub(crate) const fn manner(&self) -> Manner {
        match self.0 {
            Some(_) => Manner::Overbooked,
            None => Manner::Exclusive,
        }
    }

    /// Only somebody who answers for it may overbook: neither a patient nor a program's job.
    pub(crate) fn check(&self, tenant: &Tenant) -> Result<(), Error> {
        match tenant.caller() {
            Caller::User { .. } | Caller::Key { .. } => Ok(()),
            _ if self.0.is_none() => Ok(()),
            _ => Err(Error::RoleNotAllowed),
        }
    }
}

/// Whether a patient asks, rather than staff or a program of theirs.
pub(crate) const fn is_patient(tenant: &Tenant) -> bool {
    !matches!(
        tenant.caller(),
        Caller::User { .. } | Caller::Key { .. } | Caller::Job(_)
    )
}

//! Moving a booking to another slot, or leaving it where it is.

use jiff::Timestamp;
use voxanne_ids::BookingId;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_tenant::{Permission, Tenant};

use super::{
    Asker, Booking, announce,
    store::{self, Entry, NewPlace},
    target::{self, Overbook, Place, Target},
};
use crate::{
    Desk, Error,
    availability::{find::WhichService, offer::Offer, store::Which},
    claims::{self, Owner, Resource},
    contention,
    error::What,
    fields::CallRef,
    rights, services,
};

/// A request to move a booking.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub(crate) id: BookingId,
    pub(crate) starts_at: Timestamp,
    /// The field the time came in.
    pub(crate) field: &'static str,
    /// `Any`: the provider it has.
    pub(crate) providers: Which,
    /// What the slot is offered for; it must be what the booking is for.
    pub(crate) service: Option<voxanne_ids::ServiceId>,
    /// The version its caller has seen.
    pub(crate) seen: Option<i64>,
    pub(crate) reason: Private<String>,
    pub(crate) call: CallRef,
    pub(crate) overbook: Overbook,
}

impl Desk {
    /// Moves the booking and gives it as it then is; `true` when that changed it.
    ///
    /// What it takes is given back and taken anew in one transaction, so it may move into its own
    /// time, and when the new time is taken nothing has happened.
    #[tracing::instrument(name = "booking.reschedule", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn reschedule(
        &self,
        tenant: &Tenant,
        wanted: &Move,
    ) -> Result<(Booking, bool), Error> {
        rights::require(tenant, Permission::BookingsWrite)?;
        wanted.overbook.check(tenant)?;
        contention::settle(|| self.reschedule_once(tenant, wanted)).await
    }

    async fn reschedule_once(
        &self,
        tenant: &Tenant,
        wanted: &Move,
    ) -> Result<(Booking, bool), Error> {
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        store::lock_moves(&mut tx).await?;
        let standing = store::lock(&mut tx, wanted.id).await?;
        let standing = standing.ok_or(Error::NotFound(What::Booking))?;
        let asker = Asker {
            seen: wanted.seen,
            is_patient: target::is_patient(tenant),
            now,
        };
        standing.check_move(asker)?;
        let old = load(&mut tx, wanted.id).await?;
        if wanted.leaves(&old) {
            tx.note("booking.read", old.records());
            tx.commit().await?;
            return Ok((old, false));
        }
        self.shift(&mut tx, wanted, &old).await?;
        let entry = Entry {
            status: old.status,
            reason: wanted.reason.clone(),
            at: now,
            moved_from: Some(old.visit.from),
        };
        store::add_change(&mut tx, (wanted.id, old.version + 1), &entry, tenant).await?;
        let booking = load(&mut tx, wanted.id).await?;
        tx.note("booking.rescheduled", booking.records());
        let event = announce::rescheduled(&booking, &old, now);
        self.log.commit(tx, vec![event]).await?;
        Ok((booking, true))
    }

    /// Puts the booking where it is wanted; an error undoes the transaction.
    async fn shift(&self, tx: &mut OrgTx, wanted: &Move, old: &Booking) -> Result<(), Error> {
        let target = wanted.target(old)?;
        claims::store::release(tx, Owner::Booking(old.id)).await?;
        let service = services::store::choose(tx, &target.service).await?;
        store::lock_daily_limit(tx, &service).await?;
        let now = self.clock.now();
        let offer = Offer::load(tx, service, &target.providers, target.moment(), now).await?;
        for place in target::candidates(&offer, &target, &wanted.overbook, now)? {
            store::savepoint(tx, "before_place").await?;
            store::set_place(tx, old.id, &goes_to(&offer, place, wanted, old)).await?;
            let patient = Some(old.patient.id);
            let claims = target::claims(&offer, place, target.starts_at, patient);
            let owner = Owner::Booking(old.id);
            let refused = claims::store::take(tx, owner, &claims, wanted.overbook.manner()).await?;
            match refused.as_slice() {
                [] => return Ok(()),
                [Resource::Patient(_)] => return Err(Error::PatientBusy),
                _ => store::rollback_to(tx, "before_place").await?,
            }
        }
        let alternatives = self.alternatives(tx, offer, &target, &wanted.call).await?;
        Err(Error::SlotTaken { alternatives })
    }
}

impl Move {
    /// Whether the booking is where it is wanted already.
    fn leaves(&self, old: &Booking) -> bool {
        let same_provider = match &self.providers {
            Which::One(id) => *id == old.provider,
            Which::Any | Which::Named(_) => true,
        };
        self.starts_at == old.visit.from && same_provider
    }

    fn target(&self, old: &Booking) -> Result<Target, Error> {
        if self.service.is_some_and(|service| service != old.service) {
            return Err(Error::NotFound(What::Service));
        }
        let providers = match &self.providers {
            Which::Any => Which::One(old.provider),
            named => named.clone(),
        };
        Ok(Target {
            service: WhichService::One(old.service),
            providers,
            starts_at: self.starts_at,
            field: self.field,
        })
    }
}

async fn load(tx: &mut OrgTx, id: BookingId) -> Result<Booking, Error> {
    let booking = store::load(tx, id).await?;
    booking.ok_or(Error::NotFound(What::Booking))
}

fn goes_to<'a>(offer: &Offer, place: Place<'a>, wanted: &Move, old: &Booking) -> NewPlace<'a> {
    let Place { provider, room } = place;
    NewPlace {
        provider: provider.id,
        room,
        service: offer.service.id,
        visit: offer.service.length().visit_from(wanted.starts_at),
        time_zone: &provider.time_zone,
        local_time: provider.calendar.zone.to_datetime(wanted.starts_at),
        is_overbooked: wanted.overbook.0.is_some(),
        version: old.version + 1,
    }
}

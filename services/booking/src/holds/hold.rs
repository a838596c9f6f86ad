//! Holding a slot.

use jiff::Timestamp;
use serde_json::json;
use voxanne_events::New;
use voxanne_ids::HoldId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{
    Hold,
    store::{self, NewRow},
};
use crate::{
    Desk, Error,
    availability::{find::WhichService, offer::Offer, slot_id::Named, store::Which},
    bookings::{
        store::{lock_daily_limit, rollback_to, savepoint},
        target::{self, Overbook, Place, Target},
    },
    claims::{Manner, Owner, store::take},
    contention,
    fields::CallRef,
    rights, services,
};

/// A caller who weighs two or three times up needs no more, and cannot block a day.
pub(crate) const MOST: i64 = 3;

/// A request to hold a slot.
#[derive(Clone, Debug)]
pub(crate) struct NewHold {
    pub(crate) slot: Named,
    pub(crate) call: CallRef,
}

impl Desk {
    #[tracing::instrument(name = "hold.create", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn hold(&self, tenant: &Tenant, new: &NewHold) -> Result<Hold, Error> {
        rights::require(tenant, Permission::BookingsWrite)?;
        contention::settle(|| self.hold_once(tenant, new)).await
    }

    async fn hold_once(&self, tenant: &Tenant, new: &NewHold) -> Result<Hold, Error> {
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let holder = tenant.caller().to_string();
        store::lock_holder(&mut tx, &holder).await?;
        if store::count(&mut tx, &holder).await? >= MOST {
            return Err(Error::TooManyHolds);
        }
        let wanted = target(new.slot);
        let service = services::store::choose(&mut tx, &wanted.service).await?;
        lock_daily_limit(&mut tx, &service).await?;
        let offer = Offer::load(&mut tx, service, &wanted.providers, wanted.moment(), now).await?;
        for place in target::candidates(&offer, &wanted, &Overbook::default(), now)? {
            savepoint(&mut tx, "before_place").await?;
            let row = row(&offer, place, new, &holder);
            let hold = store::insert(&mut tx, &row, self.hold_ttl).await?;
            let claims = target::claims(&offer, place, new.slot.starts_at, None);
            let owner = Owner::Hold(hold.id);
            let refused = take(&mut tx, owner, &claims, Manner::Exclusive).await?;
            if refused.is_empty() {
                tx.note("hold.created", [hold.id.as_uuid()]);
                self.log.commit(tx, vec![held(&hold, now)]).await?;
                return Ok(hold);
            }
            rollback_to(&mut tx, "before_place").await?;
        }
        let alternatives = self.alternatives(&mut tx, offer, &wanted, &new.call);
        Err(Error::SlotTaken {
            alternatives: alternatives.await?,
        })
    }
}

fn target(slot: Named) -> Target {
    Target {
        service: WhichService::One(slot.service),
        providers: Which::One(slot.provider),
        starts_at: slot.starts_at,
        field: "slotId",
    }
}

fn row<'a>(
    offer: &Offer,
    Place { provider, .. }: Place<'a>,
    new: &'a NewHold,
    holder: &'a str,
) -> NewRow<'a> {
    NewRow {
        id: HoldId::new(),
        holder,
        call: &new.call,
        provider: provider.id,
        service: offer.service.id,
        visit: offer.service.length().visit_from(new.slot.starts_at),
        time_zone: &provider.time_zone,
        local_time: provider.calendar.zone.to_datetime(new.slot.starts_at),
    }
}

fn held(hold: &Hold, at: Timestamp) -> New {
    New {
        kind: "booking.held",
        at,
        data: json!({
            "holdId": hold.id,
            "startsAt": hold.visit.from,
            "endsAt": hold.visit.to,
            "providerId": hold.provider,
            "serviceId": hold.service,
            "expiresAt": hold.expires_at,
        }),
    }
}

/// The event of a hold that has ended and was not booked.
pub(super) fn released(hold: &Hold, at: Timestamp) -> New {
    New {
        kind: "booking.released",
        at,
        data: json!({
            "holdId": hold.id,
            "startsAt": hold.visit.from,
            "endsAt": hold.visit.to,
            "providerId": hold.provider,
        }),
    }
}

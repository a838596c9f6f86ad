//! Finding free slots.

use jiff::{civil::Date, tz::TimeZone};
use voxanne_ids::{LocationId, ServiceId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_tenant::Tenant;

use super::{
    explain::{self, EmptyDay},
    offer::Offer,
    slot::{self, Choice, Slot},
    slot_id::SlotIds,
    store::Which,
};
use crate::{Desk, Error, error::What, fields::CallRef, locations, services};

/// What a caller looks for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) service: WhichService,
    pub(crate) providers: Which,
    pub(crate) choice: Choice,
    pub(crate) explain: bool,
    pub(crate) call: CallRef,
}

/// Which service is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WhichService {
    First,
    One(ServiceId),
    /// The first by name whose name holds this text.
    Named(Private<String>),
}

/// What there is.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) service: services::Service,
    pub(crate) slots: Vec<Slot>,
    pub(crate) empty_days: Vec<EmptyDay>,
    /// Of the first provider's location, else of the service's, else of the clinic's first one.
    pub(crate) time_zone: String,
    /// The day that was asked for, by the clock of that.
    pub(crate) date: Option<Date>,
}

impl Desk {
    #[tracing::instrument(name = "slots.find", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn find_slots(&self, tenant: &Tenant, wanted: Wanted) -> Result<Found, Error> {
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let service = services::store::choose(&mut tx, &wanted.service).await?;
        let span = wanted.choice.span;
        let offer = Offer::load(&mut tx, service, &wanted.providers, span, now).await?;
        let time_zone = match offer.providers.first() {
            Some(provider) => provider.time_zone.clone(),
            None => first_zone(&mut tx, offer.service.terms.location).await?,
        };
        tx.commit().await?;
        let ids = SlotIds::new(self.keys.clone(), tenant.org());
        let slots = slot::list(&offer, &wanted.choice, now, (&ids, &wanted.call));
        let zone = TimeZone::get(&time_zone).map_err(|_gone| Error::Unreadable("time zone"))?;
        let empty_days = if wanted.explain {
            let calendars: Vec<_> = offer.providers.iter().map(|one| &one.calendar).collect();
            explain::empty_days(
                &calendars,
                offer.service.length(),
                (wanted.choice.span, &zone),
                now,
            )
        } else {
            Vec::new()
        };
        Ok(Found {
            service: offer.service,
            slots,
            empty_days,
            time_zone,
            date: wanted.choice.date(&zone, now),
        })
    }
}

async fn first_zone(tx: &mut OrgTx, only: Option<LocationId>) -> Result<String, Error> {
    let location = match only {
        Some(id) => locations::store::load(tx, id).await?,
        None => locations::store::first(tx).await?,
    };
    location
        .map(|one| one.time_zone)
        .ok_or(Error::NotFound(What::Location))
}

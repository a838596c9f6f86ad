//! Putting somebody on the waitlist.

use voxanne_ids::{ServiceId, WaitlistEntryId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_tenant::{Permission, Tenant};

use super::{
    Entry, State, Step, Wish,
    store::{self, MOST_ACTIVE, NewRow},
    unknown,
};
use crate::{
    Desk, Error,
    availability::find::WhichService,
    bookings::book::{self, Who},
    error::What,
    providers, rights, services,
};

/// Somebody who wants to wait.
#[derive(Clone)]
pub(crate) struct NewEntry {
    pub(crate) service: ServiceId,
    pub(crate) wish: Wish,
    pub(crate) priority: i32,
    pub(crate) note: Private<String>,
    pub(crate) who: Who,
}

impl Desk {
    #[tracing::instrument(name = "waitlist.join", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn join_waitlist(
        &self,
        tenant: &Tenant,
        new: &NewEntry,
    ) -> Result<Entry, Error> {
        rights::require(tenant, Permission::BookingsWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if store::count_active(&mut tx).await? >= MOST_ACTIVE {
            return Err(Error::WaitlistFull);
        }
        let which = WhichService::One(new.service);
        services::store::choose(&mut tx, &which).await?;
        if let Some(provider) = new.wish.provider {
            let known = providers::store::load(&mut tx, provider).await?;
            let active = known.filter(|one| one.active);
            active.ok_or(Error::NotFound(What::Provider))?;
        }
        let patient = book::patient(&mut tx, &new.who).await?;
        let now = self.clock.now();
        let row = NewRow {
            id: WaitlistEntryId::new(),
            patient,
            now,
        };
        store::insert(&mut tx, &row, new).await?;
        let entry = store::load(&mut tx, row.id).await?.ok_or(unknown())?;
        tx.note("waitlist.joined", entry.records());
        let step = Step {
            id: entry.id,
            state: State::Waiting,
            version: entry.version,
        };
        self.log.commit(tx, vec![step.told(now)]).await?;
        Ok(entry)
    }
}

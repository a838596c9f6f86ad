//! What a clinic chooses for a calendar.

use voxanne_ids::ProviderId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{
    Calendars, WhenUnknown, refusal,
    store::{self, Row},
};
use crate::{Error, error::What, rights};

/// What changes; `None` stays as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    pub(crate) provider: ProviderId,
    pub(crate) when_unknown: Option<WhenUnknown>,
    pub(crate) shows_patients: Option<bool>,
}

impl Calendars {
    #[tracing::instrument(name = "calendar.change", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn change(&self, tenant: &Tenant, choice: Choice) -> Result<Row, Error> {
        rights::require(tenant, Permission::CredentialsWrite)?;
        let provider = choice.provider;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let before = store::load(&mut tx, provider).await?;
        let before = before.ok_or(Error::NotFound(What::Provider))?;
        let choices = (choice.when_unknown, choice.shows_patients);
        if !store::change(&mut tx, provider, choices).await? {
            return Err(refusal::not_connected().into());
        }
        if choice.shows_patients.is_some() && choice.shows_patients != before.shows_patients {
            // What is in the calendar already gains or loses the names as well.
            store::events::ask_all(&mut tx, provider, self.clock.now()).await?;
        }
        let after = store::load(&mut tx, provider).await?;
        let after = after.ok_or(Error::NotFound(What::Provider))?;
        tx.note("calendar.changed", [provider.as_uuid()]);
        tx.commit().await?;
        Ok(after)
    }
}

//! Asking Google whether a consent still holds.

use voxanne_ids::ProviderId;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_tenant::{Permission, Tenant};

use super::{
    Calendars, Connection,
    google::{Call, failure::Failure},
    news::Trouble,
    refusal,
    store::{self, Row},
};
use crate::{Error, error::What, rights};

/// What Google said, and the calendar as it is after that.
pub(crate) struct Tested {
    pub(crate) calendar: Row,
    pub(crate) verdict: &'static str,
}

impl Calendars {
    /// Has Google give a new access token for the consent, and reads with it. A consent that does not
    /// hold is noted as the workers note it. When Google does not say, nothing changes.
    #[tracing::instrument(name = "calendar.test", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn test(
        &self,
        tenant: &Tenant,
        provider: ProviderId,
    ) -> Result<Tested, Error> {
        rights::require(tenant, Permission::CredentialsWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if store::load(&mut tx, provider).await?.is_none() {
            return Err(Error::NotFound(What::Provider));
        }
        let connection = store::connection(&mut tx, provider).await?;
        tx.rollback().await?;
        let connection = connection.ok_or_else(refusal::not_connected)?;
        let verdict = self.ask_google(connection).await?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let calendar = store::load(&mut tx, provider).await?;
        tx.note("calendar.tested", [provider.as_uuid()]);
        tx.commit().await?;
        Ok(Tested {
            calendar: calendar.ok_or(Error::NotFound(What::Provider))?,
            verdict,
        })
    }

    async fn ask_google(&self, connection: Connection) -> Result<&'static str, Error> {
        let link = self.link()?;
        // An access token outlives the consent for a while.
        link.forget(connection).await;
        match link.call(connection, Call::list(one_event())).await {
            Ok(_) => Ok("Google accepts the consent and shows the calendar"),
            Err(Failure::Withdrawn) => {
                self.degrade(connection).await?;
                Ok(Trouble::Reconnect.words())
            }
            Err(Failure::Refused(_)) => {
                Err(Problem::internal("Google refuses what our application asks").into())
            }
            Err(failure) => {
                let pause = failure.wait().max(refusal::ASK_AGAIN);
                Err(refusal::google_away().retry_after(pause).into())
            }
        }
    }
}

/// As little as can be asked for.
fn one_event() -> Vec<(&'static str, String)> {
    vec![
        ("maxResults", "1".to_owned()),
        ("fields", "timeZone".to_owned()),
    ]
}

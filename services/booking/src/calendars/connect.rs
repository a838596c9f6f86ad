//! Asking somebody to let the clinic use their calendar.

use jiff::SignedDuration;
use url::Url;
use voxanne_ids::ProviderId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Caller, Permission, Tenant};

use super::{
    Calendars, refusal, secret,
    store::consents::{self, Asked},
};
use crate::{Error, error::What, providers, rights};

/// How long the answer may take.
const OPEN_FOR: SignedDuration = SignedDuration::from_mins(10);

/// Where to send the browser, and what it has to keep until it is back.
pub(crate) struct Started {
    pub(crate) url: Url,
    pub(crate) browser: String,
}

impl Calendars {
    /// Only the browser that the answer goes to can finish this, once, and for this provider.
    #[tracing::instrument(name = "calendar.start_connect", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn start_connect(
        &self,
        tenant: &Tenant,
        provider: ProviderId,
    ) -> Result<Started, Error> {
        rights::require(tenant, Permission::CredentialsWrite)?;
        let Caller::User { id, session, .. } = tenant.caller() else {
            return Err(refusal::not_signed_in().into());
        };
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if providers::store::load(&mut tx, provider).await?.is_none() {
            return Err(Error::NotFound(What::Provider));
        }
        let (state, browser) = (secret::make(), secret::make());
        let question = self.link()?.oauth.ask(&state);
        let asked = Asked {
            state_hash: secret::hash(&state),
            browser_hash: secret::hash(&browser),
            verifier: question.verifier,
            provider_id: provider,
            user_id: *id,
            session_id: *session,
        };
        consents::insert(&mut tx, &asked, (now, now + OPEN_FOR)).await?;
        tx.note("calendar.consent_asked", [provider.as_uuid()]);
        tx.commit().await?;
        Ok(Started {
            url: question.url,
            browser,
        })
    }
}

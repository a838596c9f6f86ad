//! Google's answer to the question for a calendar.

use uuid::Uuid;
use voxanne_ids::{OrgId, ProviderId};
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;

use super::{
    Calendars, Connection, Link,
    google::{failure::Failure, oauth::Consent},
    news, refusal, secret,
    store::{
        self,
        consents::{self, Asked},
    },
};
use crate::Error;

/// What the browser brings.
pub(crate) struct Answer {
    pub(crate) state: String,
    pub(crate) code: String,
    pub(crate) error: String,
    pub(crate) browser: String,
}

impl Calendars {
    /// A state is good once: it is taken before anything else is looked at.
    #[tracing::instrument(name = "calendar.finish_connect", skip_all)]
    pub(crate) async fn finish_connect(&self, answer: Answer) -> Result<ProviderId, Error> {
        let link = self.link()?.clone();
        let (org, asked) = self.take_question(&answer).await?;
        if !answer.error.is_empty() || answer.code.is_empty() {
            return Err(refusal::consent_refused().into());
        }
        let consent = link.oauth.exchange(&answer.code, &asked.verifier).await;
        let consent = consent.map_err(told)?;
        if !consent.is_complete {
            give_back(&link, &consent).await;
            return Err(refusal::consent_incomplete().into());
        }
        let job = Self::job(org);
        link.grants
            .put(&job, asked.provider_id, &consent.refresh_token)
            .await?;
        let connection = Connection {
            org,
            provider: asked.provider_id,
            id: Uuid::new_v4(),
        };
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, &job).await?;
        store::connect(&mut tx, connection, asked.user_id, now).await?;
        store::events::ask_all(&mut tx, connection.provider, now).await?;
        tx.note("calendar.connected", [connection.provider.as_uuid()]);
        let event = news::connected(connection.provider, now);
        self.log.commit(tx, vec![event]).await?;
        Ok(connection.provider)
    }

    async fn take_question(&self, answer: &Answer) -> Result<(OrgId, Asked), Error> {
        let invalid = || Error::from(refusal::state_invalid());
        let state_hash = secret::hash_of(&answer.state).ok_or_else(invalid)?;
        let found = consents::find(&self.pool, &state_hash, self.clock.now()).await?;
        let (org, id) = found.ok_or_else(invalid)?;
        let mut tx = OrgTx::begin(&self.pool, &Self::job(org)).await?;
        let asked = consents::take(&mut tx, id).await?.ok_or_else(invalid)?;
        tx.commit().await?;
        // Somebody may be lured into finishing what another began.
        let is_same_browser = secret::hash_of(&answer.browser)
            .is_some_and(|hash| hash == asked.browser_hash && state_hash == asked.state_hash);
        if !is_same_browser {
            return Err(invalid());
        }
        Ok((org, asked))
    }
}

/// A consent that is of no use is not kept; should Google not hear it, its owner can see it there.
async fn give_back(link: &Link, consent: &Consent) {
    if let Err(failure) = link.oauth.revoke(&consent.refresh_token).await {
        tracing::warn!(failure = failure.word(), "a consent was not given back");
    }
}

fn told(failure: Failure) -> Problem {
    match failure {
        Failure::Withdrawn => refusal::state_invalid(),
        Failure::Refused(_) => Problem::internal("Google refuses our application"),
        _ => refusal::google_away(),
    }
}

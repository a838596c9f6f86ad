//! Exchanging a refresh token for the next one.

use metrics::counter;
use voxanne_pg::OrgTx;
use voxanne_telemetry::names;
use voxanne_tenant::Tenant;

use super::{
    SignedIn, Verdict, judge, open,
    refresh_token::{self, RefreshToken},
    store,
};
use crate::{Error, Identity, revocations::store::end_session};

impl Identity {
    /// Rotates `token`. When a used one comes back, the thief and the owner cannot be told apart, so
    /// the session ends for both.
    #[tracing::instrument(name = "session.refresh", skip_all, fields(
        org.id = %token.org, session.id = %token.session))]
    pub(crate) async fn refresh(&self, token: RefreshToken) -> Result<SignedIn, Error> {
        let outcome = self.rotate(&token).await;
        let label = match &outcome {
            Ok(_) => "rotated",
            Err(Error::SessionRevoked) => "revoked",
            Err(Error::InvalidRefreshToken) => "invalid",
            Err(_) => "failed",
        };
        counter!(names::REFRESHES, "outcome" => label).increment(1);
        outcome
    }

    async fn rotate(&self, token: &RefreshToken) -> Result<SignedIn, Error> {
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, &Tenant::for_job(token.org, "refresh")).await?;
        // The session's lock lets two uses of one token be seen one after the other.
        let Some((life, member)) = store::lock_session(&mut tx, token.session).await? else {
            return Err(Error::InvalidRefreshToken);
        };
        let Some(presented) = refresh_token::store::load(&mut tx, token).await? else {
            return Err(Error::InvalidRefreshToken);
        };
        let next = (token.session, presented.generation + 1);
        match judge(life, presented, now) {
            verdict @ (Verdict::Rotate | Verdict::RotateAgain) => {
                if verdict == Verdict::Rotate {
                    // What other tabs were given for the same token ends with this one's use.
                    refresh_token::store::update_used(&mut tx, token.session, now).await?;
                }
                store::update_last_used(&mut tx, token.session, now).await?;
                let opened = open::issue(&mut tx, member, next, life.ends_at, now).await?;
                tx.commit().await?;
                self.signed_in(opened)
            }
            Verdict::EndSession => {
                if end_session(&mut tx, token.session, now).await? {
                    tx.note("session.ended", [token.session.as_uuid()]);
                }
                tx.commit().await?;
                self.bell.ring();
                tracing::warn!("a used refresh token came back, its session ends");
                Err(Error::SessionRevoked)
            }
            Verdict::Ended => Err(Error::SessionRevoked),
            Verdict::Expired => Err(Error::InvalidRefreshToken),
        }
    }
}

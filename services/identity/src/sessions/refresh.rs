//! Exchanging a refresh token for the next one.

use jiff::Timestamp;
use metrics::counter;
use voxanne_pg::OrgTx;
use voxanne_telemetry::names;
use voxanne_tenant::Tenant;

use super::{
    KEPT_FOR, Life, Member, SignedIn, Verdict, judge, open,
    refresh_token::{self, RefreshToken},
    store,
};
use crate::{Error, Identity, revocations::store::end_session};

/// A token that its session goes on with, and the transaction that holds the session.
pub(super) struct Judged {
    pub(super) tx: OrgTx,
    life: Life,
    member: Member,
    generation: i32,
    /// Nobody used it before.
    is_first: bool,
}

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
        let Judged {
            mut tx,
            life,
            member,
            generation,
            is_first,
        } = self.judge(token, now).await?;
        if is_first {
            // What other tabs were given for the same token ends with this one's use.
            refresh_token::store::update_used(&mut tx, token.session, now).await?;
            refresh_token::store::delete_used(&mut tx, token.session, now - KEPT_FOR).await?;
        }
        store::update_last_used(&mut tx, token.session, now).await?;
        let next = (token.session, generation + 1);
        let times = (life.ends_at, now);
        let opened = open::issue(&mut tx, &self.keys, member, next, times).await?;
        tx.commit().await?;
        self.signed_in(opened)
    }

    /// Lets a token through that its session goes on with. One that was used before ends the
    /// session.
    pub(super) async fn judge(
        &self,
        token: &RefreshToken,
        now: Timestamp,
    ) -> Result<Judged, Error> {
        let mut tx = OrgTx::begin(&self.pool, &Tenant::for_job(token.org, "refresh")).await?;
        // The session's lock lets two uses of one token be seen one after the other.
        let Some((life, member)) = store::lock_session(&mut tx, token.session).await? else {
            return Err(Error::InvalidRefreshToken);
        };
        let presented = refresh_token::store::load(&mut tx, token).await?;
        let verdict = match presented {
            Some(presented) => judge(life, presented, now),
            None if !token.is_made_with(&self.keys) => return Err(Error::InvalidRefreshToken),
            // It was used so long ago that nothing is stored of it any more.
            None if life.is_revoked => Verdict::Ended,
            None => Verdict::EndSession,
        };
        match verdict {
            Verdict::Rotate | Verdict::RotateAgain => Ok(Judged {
                tx,
                life,
                member,
                generation: presented.map_or(0, |presented| presented.generation),
                is_first: verdict == Verdict::Rotate,
            }),
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

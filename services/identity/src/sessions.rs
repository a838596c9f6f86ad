//! A session: how long it lasts, and what becomes of a refresh token that is presented.

pub(crate) mod logout;
pub(crate) mod open;
pub(crate) mod prune;
pub(crate) mod refresh;
pub(crate) mod refresh_token;
pub(crate) mod revocations;
pub(crate) mod show;
mod store;
pub(crate) mod wire;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use voxanne_ids::{SessionId, UserId};
use voxanne_privacy::Private;
use voxanne_tenant::Role;

use crate::{Error, Identity, orgs::Org, signing::AccessClaims};
use refresh_token::RefreshToken;

/// An access token cannot be taken back before it expires except by the feed of revocations, so it
/// is short.
pub(crate) const ACCESS_FOR: SignedDuration = SignedDuration::from_mins(15);
/// A browser that stays closed so long has to sign in again.
const REFRESH_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// However often it is refreshed, a session ends after so long.
const SESSION_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A user in one organisation.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) user: UserId,
    pub(crate) email: Private<String>,
    pub(crate) role: Role,
    pub(crate) org: Org,
}

/// A session and the newest of its refresh tokens.
pub(crate) struct Opened {
    session: SessionId,
    refresh: RefreshToken,
    refresh_expires_at: Timestamp,
    at: Timestamp,
}

/// Everything a client gets when it signs in.
pub(crate) struct SignedIn {
    pub(crate) member: Member,
    pub(crate) access_token: SecretString,
    pub(crate) refresh_token: SecretString,
    pub(crate) refresh_expires_at: Timestamp,
}

impl Identity {
    /// Adds the access token to a session whose refresh token is committed.
    pub(crate) fn signed_in(&self, member: Member, opened: Opened) -> Result<SignedIn, Error> {
        let claims = AccessClaims::new(&self.audience, &member, opened.session, opened.at);
        Ok(SignedIn {
            member,
            access_token: self.signing.sign(&claims)?,
            refresh_token: opened.refresh.reveal(),
            refresh_expires_at: opened.refresh_expires_at,
        })
    }
}

/// What is stored of a session.
#[derive(Clone, Copy, Debug)]
struct Life {
    ends_at: Timestamp,
    is_revoked: bool,
}

/// What is stored of the refresh token that was presented.
#[derive(Clone, Copy, Debug)]
struct Presented {
    expires_at: Timestamp,
    is_used: bool,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is exchanged for a new one.
    Rotate,
    /// Somebody else has it too: the session ends for both.
    EndSession,
    /// The session has ended before.
    Ended,
    /// Nobody refreshed in time, or the session is as old as it may become.
    Expired,
}

/// A used token is reported before an expired one: it is evidence, however old.
fn judge(life: Life, presented: Presented, now: Timestamp) -> Verdict {
    if life.is_revoked {
        Verdict::Ended
    } else if presented.is_used {
        Verdict::EndSession
    } else if presented.expires_at <= now || life.ends_at <= now {
        Verdict::Expired
    } else {
        Verdict::Rotate
    }
}

/// When a refresh token that is issued at `now` expires.
fn refresh_expiry(session_ends_at: Timestamp, now: Timestamp) -> Timestamp {
    session_ends_at.min(now + REFRESH_FOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_is_exchanged_once() {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let (past, future) = (
            now - SignedDuration::from_secs(1),
            now + SignedDuration::from_secs(1),
        );
        for (is_revoked, ends_at, is_used, expires_at, verdict) in [
            (false, future, false, future, Verdict::Rotate),
            (false, future, true, future, Verdict::EndSession),
            (false, future, true, past, Verdict::EndSession),
            (false, future, false, now, Verdict::Expired),
            (false, now, false, future, Verdict::Expired),
            (true, future, false, future, Verdict::Ended),
            (true, past, true, past, Verdict::Ended),
        ] {
            let life = Life {
                ends_at,
                is_revoked,
            };
            let presented = Presented {
                expires_at,
                is_used,
            };
            assert_eq!(
                judge(life, presented, now),
                verdict,
                "{life:?} {presented:?}"
            );
        }
    }

    #[test]
    fn no_refresh_token_outlives_its_session() {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let soon = now + SignedDuration::from_hours(1);
        assert_eq!(refresh_expiry(soon, now), soon);
        assert_eq!(refresh_expiry(now + SESSION_FOR, now), now + REFRESH_FOR);
    }
}

//! A session: how long it lasts, and what becomes of a refresh token that is presented.

pub(crate) mod end;
pub(crate) mod end_all;
pub(crate) mod list;
pub(crate) mod logout;
pub(crate) mod open;
pub(crate) mod prune;
pub(crate) mod refresh;
pub(crate) mod refresh_token;
pub(crate) mod show;
pub(crate) mod store;
pub(crate) mod switch;
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

/// Two tabs of one browser hold the same refresh token and may use it at the same moment.
const GRACE: SignedDuration = SignedDuration::from_secs(10);
/// A used token is kept for so long; what is older is known by the mark it carries. That a day's are
/// kept is for tokens whose mark was made with a key that is gone.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Tabs that may do so.
const MOST_SUCCESSORS: i64 = 16;

/// A user in one organisation.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) user: UserId,
    pub(crate) email: Private<String>,
    /// Whether a link sent there was used.
    pub(crate) email_verified: bool,
    /// Whether sign-in asks for a code.
    pub(crate) second_factor: bool,
    pub(crate) role: Role,
    pub(crate) org: Org,
}

/// What a session begins on, in the gateway's words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Device {
    address: Option<Private<String>>,
    user_agent: Option<Private<String>>,
}

/// A session that goes on, as its user is shown it.
pub(crate) struct Shown {
    session: SessionId,
    org: Org,
    started_at: Timestamp,
    last_used_at: Timestamp,
    device: Device,
}

/// A session and the newest of its refresh tokens.
pub(crate) struct Opened {
    member: Member,
    session: SessionId,
    refresh: RefreshToken,
    refresh_expires_at: Timestamp,
    at: Timestamp,
}

/// Everything a client gets when it signs in.
pub(crate) struct SignedIn {
    pub(crate) member: Member,
    pub(crate) session: SessionId,
    pub(crate) access_token: SecretString,
    pub(crate) refresh_token: SecretString,
    pub(crate) refresh_expires_at: Timestamp,
}

impl Identity {
    /// Adds the access token to a session whose refresh token is committed.
    pub(crate) fn signed_in(&self, opened: Opened) -> Result<SignedIn, Error> {
        let claims = AccessClaims::new(&self.audience, &opened.member, opened.session, opened.at);
        Ok(SignedIn {
            member: opened.member,
            session: opened.session,
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
    used_at: Option<Timestamp>,
    generation: i32,
    /// Tokens that were given for it.
    successors: i64,
    /// One of those was used in its turn.
    is_overtaken: bool,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is exchanged for a new one.
    Rotate,
    /// It was exchanged a moment ago, for another tab: this one gets a token of its own.
    RotateAgain,
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
        return Verdict::Ended;
    }
    let is_over = life.ends_at <= now;
    match presented.used_at {
        None if is_over || presented.expires_at <= now => Verdict::Expired,
        None => Verdict::Rotate,
        Some(used_at) => {
            let is_a_tab = now.duration_since(used_at) <= GRACE
                && !presented.is_overtaken
                && presented.successors < MOST_SUCCESSORS;
            if is_a_tab && !is_over {
                Verdict::RotateAgain
            } else {
                Verdict::EndSession
            }
        }
    }
}

/// When a refresh token that is issued at `now` expires.
fn refresh_expiry(session_ends_at: Timestamp, now: Timestamp) -> Timestamp {
    session_ends_at.min(now + REFRESH_FOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-02T09:00:00Z".parse().unwrap()
    }

    fn fresh() -> (Life, Presented) {
        let later = now() + SignedDuration::from_hours(1);
        let life = Life {
            ends_at: later,
            is_revoked: false,
        };
        let presented = Presented {
            expires_at: later,
            used_at: None,
            generation: 3,
            successors: 0,
            is_overtaken: false,
        };
        (life, presented)
    }

    #[test]
    fn a_refresh_token_is_exchanged_once() {
        let (life, presented) = fresh();
        let ago = |seconds| Some(now() - SignedDuration::from_secs(seconds));
        for (is_revoked, ends_at, used_at, expires_at, verdict) in [
            (
                false,
                life.ends_at,
                None,
                presented.expires_at,
                Verdict::Rotate,
            ),
            (
                false,
                life.ends_at,
                ago(11),
                presented.expires_at,
                Verdict::EndSession,
            ),
            (false, life.ends_at, ago(11), now(), Verdict::EndSession),
            (false, life.ends_at, None, now(), Verdict::Expired),
            (false, now(), None, presented.expires_at, Verdict::Expired),
            (
                false,
                now(),
                ago(1),
                presented.expires_at,
                Verdict::EndSession,
            ),
            (
                true,
                life.ends_at,
                None,
                presented.expires_at,
                Verdict::Ended,
            ),
            (true, now(), ago(1), now(), Verdict::Ended),
        ] {
            let life = Life {
                ends_at,
                is_revoked,
            };
            let presented = Presented {
                expires_at,
                used_at,
                ..presented
            };
            let judged = judge(life, presented, now());
            assert_eq!(judged, verdict, "{life:?} {presented:?}");
        }
    }

    #[test]
    fn another_tab_may_come_a_moment_later_and_nobody_after_it() {
        let (life, presented) = fresh();
        for (seconds, successors, is_overtaken, verdict) in [
            (-2, 1, false, Verdict::RotateAgain),
            (0, 1, false, Verdict::RotateAgain),
            (10, MOST_SUCCESSORS - 1, false, Verdict::RotateAgain),
            (11, 1, false, Verdict::EndSession),
            (0, 1, true, Verdict::EndSession),
            (0, MOST_SUCCESSORS, false, Verdict::EndSession),
        ] {
            let presented = Presented {
                used_at: Some(now() - SignedDuration::from_secs(seconds)),
                successors,
                is_overtaken,
                ..presented
            };
            assert_eq!(judge(life, presented, now()), verdict, "{presented:?}");
        }
    }

    #[test]
    fn no_refresh_token_outlives_its_session() {
        let now = now();
        let soon = now + SignedDuration::from_hours(1);
        assert_eq!(refresh_expiry(soon, now), soon);
        assert_eq!(refresh_expiry(now + SESSION_FOR, now), now + REFRESH_FOR);
    }
}

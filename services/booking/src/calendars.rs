//! Google calendars of the people whose time is booked.
//!
//! Two ways, each a worker of its own: bookings are written into a calendar ([`write`]), and what
//! else is in it is read ([`sync`]) so that no booking is offered then. What Google cannot say is
//! unknown and never free.

mod change;
mod conflict;
mod connect;
mod consume;
mod degrade;
mod disconnect;
mod dispatch;
mod due;
mod event;
mod feed;
mod feed_key;
pub(crate) mod finish;
pub(crate) mod google;
mod grants;
mod link;
mod list;
mod mirror;
mod news;
pub(crate) mod refusal;
pub(crate) mod ring;
mod secret;
pub(crate) mod store;
mod sync;
mod test;
mod watch;
pub(crate) mod wire;
mod write;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use voxanne_clock::Clock;
use voxanne_events::Log;
use voxanne_ids::{OrgId, ProviderId};
use voxanne_pg::Pool;
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

pub(crate) use self::{consume::WriteBookings, dispatch::run, link::Link};

/// What the workers and Google's answers act as.
const JOB: &str = "booking.calendars";
/// What was known longer ago counts as unknown: some polls in a row came to nothing.
const STALE_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// What the rpcs and the workers share.
#[derive(Clone)]
pub(crate) struct Calendars {
    pub(crate) pool: Pool,
    pub(crate) log: Log,
    pub(crate) clock: Clock,
    /// The way to Google; none when the fleet has no application there.
    pub(crate) link: Option<Arc<Link>>,
}

impl Calendars {
    fn link(&self) -> Result<&Arc<Link>, Problem> {
        self.link.as_ref().ok_or_else(refusal::not_configured)
    }

    fn job(org: OrgId) -> Tenant {
        Tenant::for_job(org, JOB)
    }
}

/// One connected calendar, as long as nobody connects it anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Connection {
    pub(crate) org: OrgId,
    pub(crate) provider: ProviderId,
    /// Changes with each consent.
    pub(crate) id: Uuid,
}

/// What to do while it is unknown whether somebody is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenUnknown {
    Block,
    AllowAndFlag,
}

impl WhenUnknown {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::AllowAndFlag => "allow_and_flag",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Block, Self::AllowAndFlag]
            .into_iter()
            .find(|one| one.as_str() == word)
    }
}

/// Whether it can be said when somebody is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Knowledge {
    Known,
    Unknown,
}

impl Knowledge {
    /// Of a calendar that Google still lets us read, as it was `synced_at`.
    pub(crate) fn of(is_connected: bool, synced_at: Option<Timestamp>, now: Timestamp) -> Self {
        let is_fresh = synced_at.is_some_and(|at| now.duration_since(at) < STALE_AFTER);
        match is_connected && is_fresh {
            true => Self::Known,
            false => Self::Unknown,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Unknown => "unknown",
        }
    }
}

/// How patient the workers are.
#[derive(Clone, Copy, Debug)]
pub struct CalendarTiming {
    /// How often a calendar is read when Google does not ring.
    pub poll: SignedDuration,
    /// How long a worker may hold a calendar or an event before it counts as dead.
    pub lease: SignedDuration,
    /// How long one call to Google may take.
    pub google_timeout: SignedDuration,
    /// The first pause after a failure; each later one doubles, up to a quarter of an hour.
    pub retry_after: SignedDuration,
}

impl Default for CalendarTiming {
    fn default() -> Self {
        Self {
            poll: SignedDuration::from_mins(4),
            lease: SignedDuration::from_mins(2),
            google_timeout: SignedDuration::from_secs(10),
            retry_after: SignedDuration::from_secs(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_lately_is_unknown() {
        let now: Timestamp = "2026-12-01T08:00:00Z".parse().unwrap();
        let ago = |minutes| Some(now - SignedDuration::from_mins(minutes));
        for (is_connected, synced_at, knowledge) in [
            (true, ago(0), Knowledge::Known),
            (true, ago(14), Knowledge::Known),
            (true, ago(15), Knowledge::Unknown),
            (true, None, Knowledge::Unknown),
            (false, ago(0), Knowledge::Unknown),
        ] {
            assert_eq!(Knowledge::of(is_connected, synced_at, now), knowledge);
        }
    }
}

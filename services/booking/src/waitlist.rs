//! People who wait for time to become free, and what they are offered.
//!
//! An offer is a hold, so nobody else can take its slot; an entry has one live offer at a time. Who
//! declines is off the list, who lets an offer run out goes to its end, and nobody is asked about
//! the same slot twice.

pub(crate) mod accept;
pub(crate) mod decline;
pub(crate) mod expire;
pub(crate) mod join;
pub(crate) mod leave;
pub(crate) mod list;
pub(crate) mod offer;
pub(crate) mod on_freed;
pub(crate) mod store;
pub(crate) mod wire;
pub(crate) mod wish;

use jiff::{Timestamp, civil::DateTime};
use serde_json::json;
use uuid::Uuid;
use voxanne_events::New;
use voxanne_ids::{BookingId, HoldId, ProviderId, ServiceId, WaitlistEntryId};
use voxanne_privacy::Private;

pub(crate) use self::wish::{PartOfDay, Wish};
use crate::{Error, availability::Span, error::What, patients::Patient};

/// How far an entry has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    Offered,
    Booked,
    Declined,
    /// Taken off the list.
    Removed,
}

impl State {
    const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Offered,
        Self::Booked,
        Self::Declined,
        Self::Removed,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Booked => "booked",
            Self::Declined => "declined",
            Self::Removed => "removed",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// How an offer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Accepted,
    Declined,
    Expired,
    /// Its entry was taken off the list, or its hold was given back.
    Withdrawn,
}

impl End {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Somebody who waits.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: WaitlistEntryId,
    pub(crate) state: State,
    pub(crate) patient: Patient,
    pub(crate) service: ServiceId,
    pub(crate) service_name: String,
    pub(crate) wish: Wish,
    /// Higher comes first.
    pub(crate) priority: i32,
    pub(crate) note: Private<String>,
    /// Offers that it let run out; fewer come first.
    pub(crate) missed: i32,
    pub(crate) booking: Option<BookingId>,
    /// Grows by one with every change.
    pub(crate) version: i64,
    pub(crate) queued_at: Timestamp,
    pub(crate) created_at: Timestamp,
    /// The live one.
    pub(crate) offer: Option<Offered>,
}

/// What an entry is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) hold: HoldId,
    pub(crate) provider: ProviderId,
    pub(crate) visit: Span,
    pub(crate) time_zone: String,
    pub(crate) local_time: DateTime,
    /// By the clock of Postgres.
    pub(crate) expires_at: Timestamp,
    /// Whether it has, by the same clock.
    pub(crate) has_expired: bool,
}

impl Entry {
    /// What the audit log names when it is shown or changed.
    pub(crate) fn records(&self) -> [Uuid; 2] {
        [self.id.as_uuid(), self.patient.id.as_uuid()]
    }

    /// Its live offer, for a caller who has seen version `seen` of it.
    fn live_offer(&self, seen: Option<i64>) -> Result<&Offered, Error> {
        let live = self.offer.as_ref().filter(|offer| !offer.has_expired);
        let live = live.ok_or(Error::OfferOver)?;
        match seen {
            Some(version) if version != self.version => Err(Error::StaleVersion),
            _ => Ok(live),
        }
    }
}

/// What is known of an entry that is about to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) id: WaitlistEntryId,
    pub(crate) state: State,
    /// The version it has then.
    pub(crate) version: i64,
}

impl Step {
    /// Tells dashboards.
    fn told(self, at: Timestamp) -> New {
        New {
            kind: "waitlist.changed",
            at,
            data: json!({
                "entryId": self.id,
                "state": self.state.as_str(),
                "version": self.version,
            }),
        }
    }
}

const fn unknown() -> Error {
    Error::NotFound(What::WaitlistEntry)
}

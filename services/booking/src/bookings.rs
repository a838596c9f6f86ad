//! Bookings, their states and what may follow what.

pub(crate) mod announce;
pub(crate) mod answer;
pub(crate) mod book;
pub(crate) mod change;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod store;
pub(crate) mod wire;

use jiff::{Timestamp, civil::DateTime};
use uuid::Uuid;
use voxanne_ids::{BookingId, ProviderId, ServiceId};
use voxanne_privacy::Private;

use crate::{Error, availability::Span, patients::Patient};

/// Where a booking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Booked,
    Confirmed,
    Cancelled,
}

/// Who booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Api,
    Voice,
    Dashboard,
}

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* }) => {
        impl $type {
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            pub(crate) fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

words!(Status { Booked = "booked", Confirmed = "confirmed", Cancelled = "cancelled" });
words!(Source { Api = "api", Voice = "voice", Dashboard = "dashboard" });

/// An appointment with the names a reader wants to see.
#[derive(Clone, Debug)]
pub(crate) struct Booking {
    pub(crate) id: BookingId,
    pub(crate) status: Status,
    pub(crate) visit: Span,
    pub(crate) time_zone: String,
    /// The civil start as it was promised.
    pub(crate) local_time: DateTime,
    pub(crate) provider: ProviderId,
    pub(crate) provider_name: String,
    pub(crate) service: ServiceId,
    pub(crate) service_name: String,
    pub(crate) patient: Patient,
    pub(crate) source: Source,
    pub(crate) call: String,
    pub(crate) notes: Private<String>,
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    /// Empty in lists.
    pub(crate) history: Vec<Change>,
}

impl Booking {
    /// What the audit log names when it is shown or changed: itself and who is seen.
    pub(crate) fn records(&self) -> [Uuid; 2] {
        [self.id.as_uuid(), self.patient.id.as_uuid()]
    }
}

/// One entry of a booking's history.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) status: Status,
    pub(crate) actor: String,
    pub(crate) reason: Private<String>,
    pub(crate) at: Timestamp,
}

/// What somebody wants of a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Confirm,
    Cancel,
}

/// Where a booking stands, and how often it has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) status: Status,
    pub(crate) version: i64,
}

impl Standing {
    /// The status that follows, or `None` when nothing is left to do. With `seen`, the wish is only
    /// good for that version.
    pub(crate) fn decide(self, wish: Wish, seen: Option<i64>) -> Result<Option<Status>, Error> {
        if seen.is_some_and(|version| version != self.version) {
            return Err(Error::StaleVersion);
        }
        match (self.status, wish) {
            (Status::Booked, Wish::Confirm) => Ok(Some(Status::Confirmed)),
            (Status::Booked | Status::Confirmed, Wish::Cancel) => Ok(Some(Status::Cancelled)),
            (Status::Confirmed, Wish::Confirm) | (Status::Cancelled, Wish::Cancel) => Ok(None),
            (Status::Cancelled, Wish::Confirm) => Err(Error::NotActive),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_answers_every_wish() {
        use Status::{Booked, Cancelled, Confirmed};
        for (status, wish, next) in [
            (Booked, Wish::Confirm, Some(Some(Confirmed))),
            (Booked, Wish::Cancel, Some(Some(Cancelled))),
            (Confirmed, Wish::Confirm, Some(None)),
            (Confirmed, Wish::Cancel, Some(Some(Cancelled))),
            (Cancelled, Wish::Confirm, None),
            (Cancelled, Wish::Cancel, Some(None)),
        ] {
            let standing = Standing { status, version: 3 };
            assert_eq!(
                standing.decide(wish, None).ok(),
                next,
                "{status:?} {wish:?}"
            );
            assert_eq!(
                standing.decide(wish, Some(3)).ok(),
                next,
                "{status:?} {wish:?}"
            );
            let stale = standing.decide(wish, Some(2));
            assert!(
                matches!(stale, Err(Error::StaleVersion)),
                "{status:?} {wish:?}"
            );
        }
    }
}

//! Bookings, their states and what may follow what.

pub(crate) mod announce;
pub(crate) mod answer;
pub(crate) mod book;
pub(crate) mod change;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod reschedule;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod target;
pub(crate) mod wire;

pub(crate) use self::status::{Asker, Standing, Status, Wish};

use jiff::{Timestamp, civil::DateTime};
use uuid::Uuid;
use voxanne_ids::{BookingId, ProviderId, RoomId, SeriesId, ServiceId};
use voxanne_privacy::Private;

use crate::{availability::Span, patients::Patient};

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

words!(Status {
    Requested = "requested",
    Booked = "booked",
    Confirmed = "confirmed",
    Arrived = "arrived",
    Completed = "completed",
    NoShow = "no_show",
    Cancelled = "cancelled"
});
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
    /// `None` when the service needs none.
    pub(crate) room: Option<RoomId>,
    pub(crate) service: ServiceId,
    pub(crate) service_name: String,
    pub(crate) patient: Patient,
    pub(crate) source: Source,
    pub(crate) call: String,
    pub(crate) notes: Private<String>,
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    /// Staff booked over what was taken.
    pub(crate) overbooked: bool,
    /// The visits it comes again with.
    pub(crate) series: Option<SeriesId>,
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
    /// The start it had before it was moved; `None` when it was not.
    pub(crate) moved_from: Option<Timestamp>,
}

//! What the event log is told of calendars: ids, states and causes in one word.

use jiff::Timestamp;
use serde_json::json;
use voxanne_events::New;
use voxanne_ids::{BookingId, ProviderId};

use super::conflict::Change;

/// Why a calendar is not well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Google takes the consent back.
    Reconnect,
    /// Google has not answered for some time.
    Unreachable,
}

impl Trouble {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Reconnect => "Google does not accept the consent any more; connect it again",
            Self::Unreachable => "Google cannot be reached; it is tried again shortly",
        }
    }
}

pub(super) fn connected(provider: ProviderId, at: Timestamp) -> New {
    New {
        kind: "calendar.connected",
        at,
        data: json!({"providerId": provider}),
    }
}

pub(super) fn degraded(provider: ProviderId, trouble: Trouble, at: Timestamp) -> New {
    let cause = match trouble {
        Trouble::Reconnect => "reconnect",
        Trouble::Unreachable => "unreachable",
    };
    New {
        kind: "calendar.degraded",
        at,
        data: json!({"providerId": provider, "cause": cause}),
    }
}

/// Somebody changed in Google what a booking stands for.
pub(super) fn conflict(
    (provider, booking): (ProviderId, BookingId),
    change: Change,
    at: Timestamp,
) -> New {
    New {
        kind: "calendar.conflict",
        at,
        data: json!({
            "providerId": provider,
            "bookingId": booking,
            "change": change.as_str(),
        }),
    }
}

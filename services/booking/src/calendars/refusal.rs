//! What can go wrong on the way to a calendar, and what the caller is told.

use std::time::Duration;

use voxanne_problem::{Kind, Problem};

/// When Google may be asked again at the earliest.
pub(crate) const ASK_AGAIN: Duration = Duration::from_secs(5);

pub(crate) fn not_configured() -> Problem {
    Problem::new(
        Kind::Conflict,
        "NOT_CONFIGURED",
        "this installation has no application at Google",
    )
}

pub(crate) fn not_connected() -> Problem {
    Problem::new(
        Kind::Conflict,
        "CALENDAR_NOT_CONNECTED",
        "no calendar is connected for this provider",
    )
}

/// One answer for a state that is unknown, used, too old, forged, or another browser's.
pub(crate) fn state_invalid() -> Problem {
    Problem::new(
        Kind::Invalid,
        "OAUTH_STATE_INVALID",
        "this consent was not asked for here, or too long ago; connect the calendar again",
    )
}

pub(crate) fn consent_refused() -> Problem {
    Problem::new(
        Kind::Unprocessable,
        "CONSENT_REFUSED",
        "Google was not allowed to share the calendar",
    )
}

pub(crate) fn consent_incomplete() -> Problem {
    Problem::new(
        Kind::Unprocessable,
        "CONSENT_INCOMPLETE",
        "a permission was left out that the calendar needs; connect it again",
    )
}

pub(crate) fn google_away() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "GOOGLE_UNAVAILABLE",
        "Google does not answer, try again in a moment",
    )
    .retry_after(ASK_AGAIN)
}

pub(crate) fn feed_not_found() -> Problem {
    Problem::not_found("FEED_NOT_FOUND", "there is no such calendar")
}

/// For the rpcs that only the gateway calls, before it is known whose answer it brings.
pub(crate) fn not_the_gateway() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "CALLER_NOT_ALLOWED",
        "only the gateway can do this",
    )
}

/// A consent belongs to a person's session.
pub(crate) fn not_signed_in() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "NOT_SIGNED_IN",
        "only a signed-in member can do this",
    )
}

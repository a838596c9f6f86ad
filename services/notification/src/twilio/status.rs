//! What Twilio's word for a message's status means here.

use super::codes;
use crate::messages::{Cause, State};

/// What was told of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) state: State,
    pub(crate) cause: Cause,
}

/// Reads a status; `None` for a word that is not known. Whatever Twilio says of a text, it has
/// taken it.
pub(crate) fn told(status: &str, error_code: u32) -> Option<Told> {
    let state = match (status, error_code) {
        ("accepted" | "scheduled" | "queued" | "sending" | "sent", _) => State::Sent,
        ("delivered" | "read", _) => State::Delivered,
        ("failed" | "undelivered", 21610) => State::Suppressed,
        ("undelivered", _) => State::Undelivered,
        ("failed" | "canceled", _) => State::Failed,
        _ => return None,
    };
    let cause = match state {
        State::Sent | State::Delivered => Cause::NONE,
        _ if status == "canceled" => Cause {
            words: "it was cancelled at Twilio",
            code: error_code,
        },
        _ => Cause {
            words: codes::words(error_code),
            code: error_code,
        },
    };
    Some(Told { state, cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_state() {
        for (status, code, state) in [
            ("accepted", 0, Some(State::Sent)),
            ("queued", 0, Some(State::Sent)),
            ("sending", 0, Some(State::Sent)),
            ("sent", 0, Some(State::Sent)),
            ("delivered", 0, Some(State::Delivered)),
            ("read", 0, Some(State::Delivered)),
            ("undelivered", 30003, Some(State::Undelivered)),
            ("failed", 30007, Some(State::Failed)),
            ("failed", 21610, Some(State::Suppressed)),
            ("canceled", 0, Some(State::Failed)),
            ("partially_delivered", 0, None),
            ("", 0, None),
        ] {
            let told = told(status, code);
            assert_eq!(told.map(|told| told.state), state, "{status}");
            let has_cause = told.is_some_and(|told| !told.cause.words.is_empty());
            let needs_cause = !matches!(state, None | Some(State::Sent | State::Delivered));
            assert_eq!(has_cause, needs_cause, "{status}");
        }
    }
}

//! The states of a message and their order.

use super::NotKnown;

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Queued,
    /// Twilio is being called.
    Sending,
    /// Twilio was called and it is not known whether it took the text.
    Unknown,
    /// Twilio took it.
    Sent,
    /// It must not be sent.
    Suppressed,
    Failed,
    Undelivered,
    Delivered,
}

pub(super) const STATES: [(&str, State); 8] = [
    ("queued", State::Queued),
    ("sending", State::Sending),
    ("unknown", State::Unknown),
    ("sent", State::Sent),
    ("suppressed", State::Suppressed),
    ("failed", State::Failed),
    ("undelivered", State::Undelivered),
    ("delivered", State::Delivered),
];

impl TryFrom<String> for State {
    type Error = NotKnown;

    fn try_from(text: String) -> Result<Self, NotKnown> {
        let found = STATES.iter().find(|(name, _)| *name == text);
        found.map(|(_, state)| *state).ok_or(NotKnown(text))
    }
}

impl State {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Sent => "sent",
            Self::Suppressed => "suppressed",
            Self::Failed => "failed",
            Self::Undelivered => "undelivered",
            Self::Delivered => "delivered",
        }
    }

    /// What Twilio says only ever raises the rank, so any order of its callbacks, and any number of
    /// repetitions, ends in the same state.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Sending | Self::Unknown => 1,
            Self::Sent => 2,
            Self::Suppressed => 3,
            Self::Failed => 4,
            Self::Undelivered => 5,
            Self::Delivered => 6,
        }
    }

    /// Whether Twilio has not taken the text, as far as is known.
    pub(crate) const fn is_before_sent(self) -> bool {
        self.rank() < Self::Sent.rank()
    }

    /// What the audit log calls it when a message comes into this state.
    pub(crate) const fn action(self) -> &'static str {
        match self {
            Self::Queued => "message.queued",
            Self::Sending => "message.sending",
            Self::Unknown => "message.unknown",
            Self::Sent => "message.sent",
            Self::Suppressed => "message.suppressed",
            Self::Failed => "message.failed",
            Self::Undelivered => "message.undelivered",
            Self::Delivered => "message.delivered",
        }
    }

    pub(super) const fn announcement(self) -> Option<&'static str> {
        match self {
            Self::Queued => Some("message.queued"),
            Self::Sent => Some("message.sent"),
            Self::Delivered => Some("message.delivered"),
            Self::Suppressed | Self::Failed | Self::Undelivered => Some("message.failed"),
            Self::Sending | Self::Unknown => None,
        }
    }
}

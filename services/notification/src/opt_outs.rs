//! Numbers that must not be texted.

pub(crate) mod store;

/// How an opt-out became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Twilio refused to send because the recipient had opted out there.
    Twilio,
}

impl Source {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Twilio => "twilio",
        }
    }
}

//! What the agent hears when a tool call cannot be answered; each is one plain sentence.

pub(super) const NO_ASSISTANT: &str = "This number is not set up yet, please call again later.";
pub(super) const UNKNOWN_ASSISTANT: &str =
    "This assistant is not connected to a clinic, so nothing can be looked up or booked.";
pub(super) const UNKNOWN_CALL: &str = "This call is not known, so nothing can be done in it.";
pub(super) const AWAY: &str =
    "The booking system cannot be reached right now, please offer to call back.";
pub(super) const LATE: &str =
    "The booking system took too long to answer, please offer to call back.";
pub(super) const UNREADABLE: &str =
    "The details of this request could not be read, please ask for them again.";
pub(super) const NAMELESS: &str = "The request names no tool, so nothing was done.";
pub(super) const TOO_MANY: &str = "There were too many requests at once, so this one was not done.";
pub(super) const TOO_OFTEN: &str =
    "There have been too many requests for the moment, please offer to call back.";

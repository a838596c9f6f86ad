//! Why a socket ends, and what its client is told.

use axum::extract::ws::{CloseFrame, close_code};

/// The session behind the token was revoked, or the token expired.
const SESSION_ENDED: u16 = 4401;
/// The client does not read as fast as events come.
const TOO_SLOW: u16 = 4408;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The client closed it, or the connection broke.
    Left,
    SessionEnded,
    TooSlow,
    /// No sign of life came back.
    Silent,
    Restarting,
    /// The client sent binary data.
    Binary,
    /// The client sent what nobody understands, or too much of it.
    NotUnderstood,
    /// A message or a frame over the limit.
    TooLarge,
    /// A text that is not UTF-8.
    NoText,
    /// Frames that are against the protocol.
    BrokenFrames,
}

impl End {
    /// What the client is told, if there is anybody to tell.
    pub(super) fn close(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Left => return None,
            Self::SessionEnded => (SESSION_ENDED, "the session ended"),
            Self::TooSlow => (TOO_SLOW, "too slow"),
            Self::Silent => (TOO_SLOW, "no answer to a ping"),
            Self::Restarting => (close_code::RESTART, "restarting"),
            Self::Binary => (close_code::UNSUPPORTED, "only text is understood"),
            Self::TooLarge => (close_code::SIZE, "this message is too large"),
            Self::NoText => (close_code::INVALID, "this text is no UTF-8"),
            Self::BrokenFrames => (close_code::PROTOCOL, "these frames are no WebSocket"),
            Self::NotUnderstood => (close_code::POLICY, "this message is not understood"),
        };
        Some(CloseFrame {
            code,
            reason: reason.into(),
        })
    }
}

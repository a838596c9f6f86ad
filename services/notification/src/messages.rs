//! One text message, its states, and the order in which they may follow one another.

pub(crate) mod list;
pub(crate) mod queue;
pub(crate) mod recent;
pub(crate) mod record_status;
pub(crate) mod retry;
mod state;
pub(crate) mod store;
pub(crate) mod wire;

use std::iter;

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;
use voxanne_events::New;
use voxanne_ids::{BookingId, MessageId};
use voxanne_privacy::Private;
use voxanne_problem::{Kind as ProblemKind, Problem};
use voxanne_telemetry::names;

pub(crate) use self::state::State;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Tells a patient of their booking; written when it is sent.
    BookingConfirmation,
    /// A text that a member of the clinic wrote.
    Direct,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: MessageId,
    pub(crate) kind: Kind,
    pub(crate) booking: Option<BookingId>,
    pub(crate) to: Private<String>,
    pub(crate) body: Private<String>,
    pub(crate) state: State,
    pub(crate) cause: String,
    pub(crate) error_code: u32,
    pub(crate) attempt: u32,
    pub(crate) waits: u32,
    pub(crate) looks: u32,
    pub(crate) sent_again: bool,
    pub(crate) run_at: Timestamp,
    pub(crate) attempted_at: Option<Timestamp>,
    pub(crate) sid: Option<String>,
    pub(crate) former_sids: Vec<String>,
    pub(crate) asked_at: Timestamp,
    /// W3C `traceparent` of the change that asks for it.
    pub(crate) trace: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// The text names no state or kind; the database refuses such rows.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not known")]
pub(crate) struct NotKnown(String);

impl TryFrom<String> for Kind {
    type Error = NotKnown;

    fn try_from(text: String) -> Result<Self, NotKnown> {
        match text.as_str() {
            "booking_confirmation" => Ok(Self::BookingConfirmation),
            "direct" => Ok(Self::Direct),
            _ => Err(NotKnown(text)),
        }
    }
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::BookingConfirmation => "booking_confirmation",
            Self::Direct => "direct",
        }
    }
}

/// Why a message is in a state, in words and by Twilio's code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) words: &'static str,
    pub(crate) code: u32,
}

impl Cause {
    pub(crate) const NONE: Self = Self::words("");

    pub(crate) const fn words(words: &'static str) -> Self {
        Self { words, code: 0 }
    }
}

impl Message {
    /// A message that is due at once.
    pub(crate) fn queued(
        kind: Kind,
        booking: Option<BookingId>,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Self {
        Self {
            id: MessageId::new(),
            kind,
            booking,
            to: Private::default(),
            body: Private::default(),
            state: State::Queued,
            cause: String::new(),
            error_code: 0,
            attempt: 0,
            waits: 0,
            looks: 0,
            sent_again: false,
            run_at: now,
            attempted_at: None,
            sid: None,
            former_sids: Vec::new(),
            asked_at,
            trace: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Moves to `state` and says what to announce.
    pub(crate) fn enter(&mut self, state: State, cause: Cause, now: Timestamp) -> Vec<New> {
        self.state = state;
        cause.words.clone_into(&mut self.cause);
        self.error_code = cause.code;
        self.updated_at = now;
        metrics::counter!(names::MESSAGES, "state" => state.as_str()).increment(1);
        self.announcement(state, now).into_iter().collect()
    }

    /// Takes in what Twilio says of a text it accepted; nothing when that is no news. Acceptance is
    /// announced on the way when nobody heard of it before.
    pub(crate) fn advance(&mut self, state: State, cause: Cause, now: Timestamp) -> Vec<New> {
        if state.rank() <= self.state.rank() {
            return Vec::new();
        }
        let skipped = self.state.is_before_sent() && state != State::Sent;
        let mut news = Vec::new();
        if skipped {
            news = self.enter(State::Sent, Cause::NONE, now);
        }
        news.extend(self.enter(state, cause, now));
        news
    }

    /// Stays in its state until `run_at`, for a reason.
    pub(crate) fn wait(&mut self, words: &str, run_at: Timestamp, now: Timestamp) {
        words.clone_into(&mut self.cause);
        self.waits = self.waits.saturating_add(1);
        self.run_at = run_at;
        self.updated_at = now;
    }

    /// Begins an attempt to send `body` to `to`, which ends with the lease.
    pub(crate) fn begin(
        &mut self,
        (to, body): (&Private<String>, &Private<String>),
        now: Timestamp,
        lease_end: Timestamp,
    ) {
        self.to.clone_from(to);
        self.body.clone_from(body);
        self.attempt += 1;
        self.looks = 0;
        self.attempted_at = Some(now);
        self.run_at = lease_end;
    }

    /// Starts over, as somebody of the clinic asked for.
    pub(crate) fn retry(&mut self, now: Timestamp) -> Result<Vec<New>, Problem> {
        if !matches!(self.state, State::Failed | State::Undelivered) {
            return Err(Problem::new(
                ProblemKind::Conflict,
                "NOT_RETRYABLE",
                "only a failed or undelivered message can be sent again",
            ));
        }
        self.former_sids.extend(self.sid.take());
        (self.waits, self.looks, self.sent_again) = (0, 0, false);
        (self.run_at, self.asked_at) = (now, now);
        Ok(self.enter(State::Queued, Cause::NONE, now))
    }

    /// What the audit log names: the message and the booking it is about.
    pub(crate) fn records(&self) -> impl Iterator<Item = Uuid> + use<> {
        let booking = self.booking.map(|id| id.as_uuid());
        iter::once(self.id.as_uuid()).chain(booking)
    }

    /// From 0 to 1, spread over messages; the last byte of an id is random.
    pub(crate) fn jitter(&self) -> f64 {
        f64::from(self.id.as_uuid().as_bytes()[15]) / 255.0
    }

    pub(crate) fn announcement(&self, state: State, at: Timestamp) -> Option<New> {
        let kind = state.announcement()?;
        let mut data = json!({"messageId": self.id, "state": state.as_str()});
        if let Some(booking) = self.booking {
            data["bookingId"] = json!(booking);
        }
        Some(New { kind, at, data })
    }
}

/// `+` and 7 to 15 digits, the first of them not zero: the form in which numbers are kept.
pub(crate) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

pub(crate) fn not_found() -> Problem {
    Problem::not_found("MESSAGE_NOT_FOUND", "there is no such message")
}

#[cfg(test)]
mod tests;

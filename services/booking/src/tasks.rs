//! What needs somebody's attention.
//!
//! A rule opens a task with [`by_rule::open`] in the transaction that tells of its cause, and ends it
//! with [`by_rule::end`] when the cause goes away. There is one open task of a kind for a subject.

pub(crate) mod assign;
pub(crate) mod by_rule;
pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod refusal;
pub(crate) mod resolve;
pub(crate) mod rules;
pub(crate) mod store;
pub(crate) mod wire;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;
use voxanne_events::New;
use voxanne_ids::{BookingId, LocationId, MessageId, PatientId, ProviderId, TaskId, UserId};
use voxanne_privacy::Private;

use self::refusal::Refusal;

macro_rules! words {
    ($(#[doc = $doc:literal])* $type:ident { $($(#[doc = $of:literal])* $variant:ident = $word:literal),* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum $type {
            $($(#[doc = $of])* $variant,)*
        }

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

words!(
    /// Why somebody's attention is needed.
    Kind {
        /// Somebody wants a call.
        Callback = "callback",
        /// A booking waits for the clinic's word.
        Approval = "approval",
        /// Two things that exclude each other were both promised.
        Conflict = "conflict",
        /// A text did not reach its patient.
        FailedMessage = "failed_message",
        /// A provider's calendar has to be connected again.
        CalendarDisconnected = "calendar_disconnected",
        /// The rules of a zone changed after times in it were promised.
        ZoneChanged = "zone_changed"
    }
);

words!(
    State { Open = "open", Resolved = "resolved" }
);

/// What a task is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) booking: Option<BookingId>,
    /// Not told where the booking says who.
    pub(crate) patient: Option<PatientId>,
    pub(crate) message: Option<MessageId>,
    pub(crate) provider: Option<ProviderId>,
    pub(crate) location: Option<LocationId>,
}

/// What came of a task.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) outcome: Private<String>,
    pub(crate) at: Timestamp,
    /// `user:usr_…` or `rule:approval`.
    pub(crate) by: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(crate) kind: Kind,
    pub(crate) subject: Subject,
    pub(crate) note: Private<String>,
    /// The member who looks after it.
    pub(crate) owner: Option<UserId>,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) opened_at: Timestamp,
    /// `rule:failed_message`, `user:usr_…` or `call:…`.
    pub(crate) opened_by: String,
    /// None while it is open.
    pub(crate) end: Option<End>,
    pub(crate) version: i64,
}

impl Subject {
    /// The id that tells one task of a kind from another; the most exact there is.
    fn key(&self) -> Option<String> {
        let message = self.message.map(|id| id.to_string());
        let booking = self.booking.map(|id| id.to_string());
        let patient = self.patient.map(|id| id.to_string());
        let provider = self.provider.map(|id| id.to_string());
        let location = self.location.map(|id| id.to_string());
        message.or(booking).or(patient).or(provider).or(location)
    }
}

impl Task {
    /// An open task that nobody looks after yet.
    pub(crate) fn new(kind: Kind, subject: Subject, now: Timestamp) -> Self {
        Self {
            id: TaskId::new(),
            kind,
            subject,
            note: Private::default(),
            owner: None,
            due_at: None,
            opened_at: now,
            opened_by: by_rule::actor(kind),
            end: None,
            version: 1,
        }
    }

    pub(crate) const fn state(&self) -> State {
        match self.end {
            None => State::Open,
            Some(_) => State::Resolved,
        }
    }

    /// What makes it one and not two.
    fn key(&self) -> String {
        self.subject.key().unwrap_or_else(|| self.id.to_string())
    }

    /// Refuses a change of a task that is over, or that its caller saw differently.
    fn check(&self, seen: Option<i64>) -> Result<(), Refusal> {
        match (&self.end, seen) {
            (_, Some(version)) if version != self.version => Err(Refusal::Stale),
            (Some(_), _) => Err(Refusal::Resolved),
            (None, _) => Ok(()),
        }
    }

    /// What the audit log names: itself, and what it is about that has patients' data.
    fn records(&self) -> Vec<Uuid> {
        let booking = self.subject.booking.map(|id| id.as_uuid());
        let patient = self.subject.patient.map(|id| id.as_uuid());
        let own = Some(self.id.as_uuid());
        [own, booking, patient].into_iter().flatten().collect()
    }

    fn announce(&self, at: Timestamp) -> New {
        let kind = match self.state() {
            State::Open => "task.opened",
            State::Resolved => "task.resolved",
        };
        New {
            kind,
            at,
            data: self.told(),
        }
    }

    /// Ids and states, for the event log.
    fn told(&self) -> Value {
        let mut data = json!({
            "taskId": self.id,
            "kind": self.kind.as_str(),
            "state": self.state().as_str(),
            "version": self.version,
        });
        let Subject {
            booking,
            patient,
            message,
            provider,
            location,
        } = self.subject;
        for (name, id) in [
            ("bookingId", booking.map(|id| json!(id))),
            ("patientId", patient.map(|id| json!(id))),
            ("messageId", message.map(|id| json!(id))),
            ("providerId", provider.map(|id| json!(id))),
            ("locationId", location.map(|id| json!(id))),
        ] {
            if let Some(id) = id {
                data[name] = id;
            }
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_about_the_most_exact_thing() {
        let (booking, message) = (BookingId::new(), MessageId::new());
        let mut subject = Subject::default();
        assert_eq!(subject.key(), None);
        subject.booking = Some(booking);
        assert_eq!(subject.key(), Some(booking.to_string()));
        subject.message = Some(message);
        assert_eq!(subject.key(), Some(message.to_string()));
    }

    #[test]
    fn a_task_that_is_over_or_was_seen_differently_stays_as_it_is() {
        let now = Timestamp::UNIX_EPOCH;
        let mut task = Task::new(Kind::Callback, Subject::default(), now);
        assert_eq!(task.check(None), Ok(()));
        assert_eq!(task.check(Some(1)), Ok(()));
        assert_eq!(task.check(Some(2)), Err(Refusal::Stale));
        task.end = Some(End {
            outcome: "called".into(),
            at: now,
            by: "user:usr".to_owned(),
        });
        assert_eq!(task.check(None), Err(Refusal::Resolved));
        assert_eq!(task.check(Some(1)), Err(Refusal::Resolved));
        assert_eq!(task.check(Some(9)), Err(Refusal::Stale));
    }

    #[test]
    fn what_is_told_of_a_task_holds_no_words() {
        let mut task = Task::new(Kind::Callback, Subject::default(), Timestamp::UNIX_EPOCH);
        task.note = "canary".into();
        let told = task.told().to_string();
        assert!(!told.contains("canary"), "{told}");
    }
}

//! Phone calls with the agent.
//!
//! Vapi's messages about a call come in any order and any number of times. Each field of a call
//! grows in one direction only, so that every order leads to the same call.

pub(crate) mod forget;
pub(crate) mod list;
pub(crate) mod record;
pub(crate) mod show;
pub(crate) mod store;
pub(crate) mod wire;

use jiff::Timestamp;
use serde_json::json;
use voxanne_events::New;
use voxanne_ids::{BookingId, CallId};
use voxanne_privacy::Private;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) vapi_call_id: String,
    pub(crate) caller_number: Private<String>,
    pub(crate) ended_reason: Private<String>,
    pub(crate) started_at: Timestamp,
    /// `None` while it goes on.
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) transcript: Private<String>,
    pub(crate) summary: Private<String>,
    /// The patient it was about is; nothing more is kept of what was said.
    pub(crate) erased: bool,
}

/// What one message says of a call; an empty text says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) vapi_call_id: String,
    pub(crate) caller_number: Private<String>,
    pub(crate) ended: bool,
    pub(crate) ended_reason: Private<String>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) transcript: Private<String>,
    pub(crate) summary: Private<String>,
    /// When it was sent.
    pub(crate) at: Timestamp,
}

/// One tool call, for the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToolRun {
    pub(crate) tool_call_id: String,
    pub(crate) name: String,
    /// "result" or "error"; empty while it runs.
    pub(crate) outcome: String,
    pub(crate) text: Private<String>,
    pub(crate) milliseconds: i32,
    pub(crate) booking_id: Option<BookingId>,
    pub(crate) at: Timestamp,
}

/// What a message changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Nothing,
    Updated,
    Ended,
}

impl Call {
    /// A call of which nothing was heard yet.
    pub(crate) fn unheard(id: CallId, report: &Report) -> Self {
        Self {
            id,
            vapi_call_id: report.vapi_call_id.clone(),
            caller_number: Private::default(),
            ended_reason: Private::default(),
            started_at: report.at,
            ended_at: None,
            transcript: Private::default(),
            summary: Private::default(),
            erased: false,
        }
    }

    pub(crate) const fn status(&self) -> &'static str {
        match self.ended_at {
            None => "in_progress",
            Some(_) => "ended",
        }
    }

    /// Takes in what `report` says.
    pub(crate) fn hear(&mut self, report: &Report) -> Change {
        let before = self.clone();
        fuller(&mut self.ended_reason, &report.ended_reason);
        if !self.erased {
            fuller(&mut self.caller_number, &report.caller_number);
            fuller(&mut self.transcript, &report.transcript);
            fuller(&mut self.summary, &report.summary);
        }
        // A message is sent after what it tells of, so the earliest time is the closest one.
        let started = report.started_at.unwrap_or(report.at);
        self.started_at = self.started_at.min(started).min(report.at);
        if report.ended {
            let ended = report.ended_at.unwrap_or(report.at);
            self.ended_at = Some(self.ended_at.map_or(ended, |at| at.min(ended)));
        }
        if *self == before {
            Change::Nothing
        } else if before.ended_at.is_none() && self.ended_at.is_some() {
            Change::Ended
        } else {
            Change::Updated
        }
    }

    /// The announcement of what happened to the call.
    pub(crate) fn event(&self, kind: &'static str, at: Timestamp) -> New {
        New {
            kind,
            at,
            data: json!({
                "callId": self.id,
                "vapiCallId": self.vapi_call_id,
                "status": self.status(),
            }),
        }
    }
}

/// Keeps the longer text, and of two equally long ones always the same.
fn fuller(kept: &mut Private<String>, heard: &Private<String>) {
    let (known, told) = (kept.expose(), heard.expose());
    if (told.len(), told) > (known.len(), known) {
        kept.clone_from(heard);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn report(second: i64) -> Report {
        Report {
            vapi_call_id: "v".into(),
            caller_number: Private::default(),
            ended: false,
            ended_reason: Private::default(),
            started_at: None,
            ended_at: None,
            transcript: Private::default(),
            summary: Private::default(),
            at: at(second),
        }
    }

    fn messages() -> [Report; 4] {
        [
            Report {
                caller_number: "+15550001111".into(),
                ..report(11)
            },
            Report {
                transcript: "AI: Hello".into(),
                ..report(20)
            },
            Report {
                ended: true,
                ended_reason: "customer-ended-call".into(),
                ..report(31)
            },
            Report {
                ended: true,
                started_at: Some(at(10)),
                ended_at: Some(at(30)),
                transcript: "AI: Hello\nUser: Hi".into(),
                summary: "A greeting.".into(),
                ..report(40)
            },
        ]
    }

    #[test]
    fn every_order_and_every_repetition_leads_to_the_same_call() {
        let id = CallId::new();
        let heard = |order: &[usize]| {
            let messages = messages();
            let mut call = Call::unheard(id, &messages[order[0]]);
            for &index in order {
                call.hear(&messages[index]);
            }
            call
        };
        let expected = heard(&[0, 1, 2, 3]);
        assert_eq!(
            (expected.started_at, expected.ended_at, expected.status()),
            (at(10), Some(at(30)), "ended")
        );
        for order in [
            [3, 2, 1, 0, 0],
            [2, 3, 0, 1, 2],
            [1, 3, 3, 2, 0],
            [3, 0, 2, 1, 3],
        ] {
            assert_eq!(heard(&order), expected, "{order:?}");
        }
    }

    #[test]
    fn a_call_ends_once() {
        let messages = messages();
        let mut call = Call::unheard(CallId::new(), &messages[0]);
        let changes = [0, 2, 2, 0, 3, 3].map(|index: usize| call.hear(&messages[index]));
        assert_eq!(
            changes,
            [
                Change::Updated,
                Change::Ended,
                Change::Nothing,
                Change::Nothing,
                Change::Updated,
                Change::Nothing
            ]
        );
    }
}

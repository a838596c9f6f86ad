//! The rules that open tasks when something has happened, and end them when its cause is gone.

use std::time::Duration;

use serde_json::Value;
use voxanne_clock::Clock;
use voxanne_events::{Event, New, consumer::Consume};
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;

use super::{Kind, Subject, by_rule};

/// Opens and ends tasks as events tell.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) clock: Clock,
}

/// What an event means for tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Opens(Kind, Subject),
    Ends(Kind, Subject, &'static str),
}

impl Consume for Watch {
    const NAME: &'static str = "booking.tasks";
    const KINDS: &'static [&'static str] = &[
        "booking.requested",
        "booking.approved",
        "booking.confirmed",
        "booking.cancelled",
        "calendar.conflict",
        "calendar.connected",
        "calendar.degraded",
        "message.failed",
        "message.delivered",
    ];
    const SERVICE: &'static str = "booking";
    // People look at the list of tasks, and most of what rings here opens none.
    const GATHERS: Duration = Duration::from_secs(1);

    async fn consume(&self, tx: &mut OrgTx, event: &Event) -> Result<Vec<New>, Problem> {
        let now = self.clock.now();
        let done = match read(&event.kind, &event.data) {
            None => return Ok(Vec::new()),
            Some(Meaning::Opens(kind, subject)) => {
                // A message may be about a booking of long ago, and a request may have been
                // answered before its event was read.
                match super::store::still_wanted(tx, kind, subject).await {
                    Ok(Some(subject)) => by_rule::open(tx, (kind, subject), now).await,
                    Ok(None) => return Ok(Vec::new()),
                    Err(error) => Err(error.into()),
                }
            }
            Some(Meaning::Ends(kind, subject, outcome)) => {
                by_rule::end(tx, (kind, subject), outcome, now).await
            }
        };
        Ok(done?)
    }
}

fn read(kind: &str, data: &Value) -> Option<Meaning> {
    let booking = data["bookingId"].as_str().and_then(|id| id.parse().ok());
    let message = data["messageId"].as_str().and_then(|id| id.parse().ok());
    let about_booking = || {
        booking?;
        Some(Subject {
            booking,
            ..Subject::default()
        })
    };
    let about_message = || {
        message?;
        Some(Subject {
            booking,
            message,
            ..Subject::default()
        })
    };
    let provider = data["providerId"].as_str().and_then(|id| id.parse().ok());
    let about_provider = || {
        provider?;
        Some(Subject {
            provider,
            ..Subject::default()
        })
    };
    let answered = |outcome| {
        let subject = about_booking()?;
        Some(Meaning::Ends(Kind::Approval, subject, outcome))
    };
    match kind {
        "booking.requested" => Some(Meaning::Opens(Kind::Approval, about_booking()?)),
        "booking.approved" | "booking.confirmed" => answered("The booking was approved."),
        "booking.cancelled" => answered("The booking was declined or cancelled."),
        "calendar.conflict" => Some(Meaning::Opens(Kind::Conflict, about_booking()?)),
        // Google that does not answer comes back by itself.
        "calendar.degraded" if data["cause"] == "reconnect" => Some(Meaning::Opens(
            Kind::CalendarDisconnected,
            about_provider()?,
        )),
        "calendar.connected" => Some(Meaning::Ends(
            Kind::CalendarDisconnected,
            about_provider()?,
            "The calendar is connected again.",
        )),
        // What its patient did not want to get did not fail.
        "message.failed" if data["state"] != "suppressed" => {
            Some(Meaning::Opens(Kind::FailedMessage, about_message()?))
        }
        "message.delivered" => Some(Meaning::Ends(
            Kind::FailedMessage,
            about_message()?,
            "The message arrived after all.",
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use voxanne_ids::{BookingId, MessageId, ProviderId};

    use super::*;

    #[test]
    fn each_event_has_one_meaning() {
        let (booking, message) = (BookingId::new(), MessageId::new());
        let of_booking = json!({ "bookingId": booking, "status": "requested" });
        let of_message =
            |state: &str| json!({ "messageId": message, "bookingId": booking, "state": state });
        for (kind, data, meaning) in [
            (
                "booking.requested",
                of_booking.clone(),
                Some((true, Kind::Approval)),
            ),
            ("booking.created", of_booking.clone(), None),
            (
                "booking.approved",
                of_booking.clone(),
                Some((false, Kind::Approval)),
            ),
            (
                "booking.cancelled",
                of_booking,
                Some((false, Kind::Approval)),
            ),
            ("booking.requested", json!({}), None),
            (
                "booking.requested",
                json!({ "bookingId": "nonsense" }),
                None,
            ),
            (
                "message.failed",
                of_message("failed"),
                Some((true, Kind::FailedMessage)),
            ),
            (
                "message.failed",
                of_message("undelivered"),
                Some((true, Kind::FailedMessage)),
            ),
            ("message.failed", of_message("suppressed"), None),
            ("message.failed", json!({ "state": "failed" }), None),
            (
                "message.delivered",
                of_message("delivered"),
                Some((false, Kind::FailedMessage)),
            ),
            ("message.sent", of_message("sent"), None),
            ("task.opened", json!({ "taskId": "tsk" }), None),
        ] {
            let read = read(kind, &data).map(|meaning| match meaning {
                Meaning::Opens(kind, _) => (true, kind),
                Meaning::Ends(kind, ..) => (false, kind),
            });
            assert_eq!(read, meaning, "{kind} {data}");
        }
    }

    #[test]
    fn a_calendar_that_has_to_be_connected_again_is_a_task() {
        let (booking, provider) = (BookingId::new(), ProviderId::new());
        let of_calendar = |cause: &str| json!({ "providerId": provider, "cause": cause });
        let conflict = json!({ "providerId": provider, "bookingId": booking, "change": "moved" });
        for (kind, data, meaning) in [
            ("calendar.conflict", conflict, Some((true, Kind::Conflict))),
            (
                "calendar.degraded",
                of_calendar("reconnect"),
                Some((true, Kind::CalendarDisconnected)),
            ),
            ("calendar.degraded", of_calendar("unreachable"), None),
            (
                "calendar.connected",
                of_calendar(""),
                Some((false, Kind::CalendarDisconnected)),
            ),
            ("calendar.connected", json!({}), None),
        ] {
            let read = read(kind, &data).map(|meaning| match meaning {
                Meaning::Opens(kind, _) => (true, kind),
                Meaning::Ends(kind, ..) => (false, kind),
            });
            assert_eq!(read, meaning, "{kind} {data}");
        }
    }
}

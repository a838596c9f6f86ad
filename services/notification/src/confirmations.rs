//! Turns each booking that is made, approved or moved into one message, however often the process
//! dies.

pub(crate) mod text;

use voxanne_clock::Clock;
use voxanne_events::{Event, New, consumer::Consume};
use voxanne_ids::BookingId;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;

use crate::{
    delivery::dispatch::Dispatcher,
    messages::{Cause, Kind, Message, State, store},
};

/// Queues the confirmations that bookings ask for. Where there is room, a task of this process has
/// the message already when it is queued, and sends it once that is committed.
pub(crate) struct Confirmations {
    pub(crate) clock: Clock,
    pub(crate) dispatcher: Dispatcher,
}

impl Consume for Confirmations {
    const NAME: &'static str = "notification.confirmations";
    const KINDS: &'static [&'static str] =
        &["booking.created", "booking.approved", "booking.rescheduled"];
    const SERVICE: &'static str = "notification";

    async fn consume(&self, tx: &mut OrgTx, event: &Event) -> Result<Vec<New>, Problem> {
        if !Self::KINDS.contains(&event.kind.as_str()) {
            return Ok(Vec::new());
        }
        // Twenty-six texts at once would help nobody: of a series the first visit is confirmed.
        if event.data["seriesNumber"]
            .as_u64()
            .is_some_and(|number| number > 1)
        {
            return Ok(Vec::new());
        }
        let id = event.data["bookingId"]
            .as_str()
            .map(str::parse::<BookingId>);
        let Some(Ok(booking)) = id else {
            // Waiting would hold up every later booking of the clinic.
            tracing::error!(event.id = %event.id, "a booking was announced without its id");
            return Ok(Vec::new());
        };
        let now = self.clock.now();
        let mut message = Message::queued(Kind::BookingConfirmation, Some(booking), event.at, now);
        message.trace.clone_from(&event.trace);
        let place = self.dispatcher.place(tx.org());
        if place.is_some() {
            message.run_at = self.dispatcher.delivery.lease_end(now);
        }
        let asked_by = format!("{}:{}", event.kind, event.id);
        if !store::insert(tx, &message, Some(&asked_by)).await? {
            return Ok(Vec::new());
        }
        tx.note(message.state.action(), message.records());
        let news = message.enter(State::Queued, Cause::NONE, now);
        let (dispatcher, org) = (self.dispatcher.clone(), tx.org());
        tx.afterwards(move || match place {
            Some(place) => dispatcher.start(org, message, place),
            None => dispatcher.wake.wake(org),
        });
        Ok(news)
    }
}

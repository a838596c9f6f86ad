//! Every change of a booking is written into the calendars that it concerns.

use std::time::Duration;

use voxanne_clock::Clock;
use voxanne_events::{Event, New, consumer::Consume};
use voxanne_ids::BookingId;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;

use super::store;
use crate::Error;

/// Notes, for each event about a booking, that its calendars have to be looked at.
pub(crate) struct WriteBookings {
    pub(crate) clock: Clock,
}

impl Consume for WriteBookings {
    const NAME: &'static str = "booking.write_calendars";
    const KINDS: &'static [&'static str] = &[
        "booking.created",
        "booking.confirmed",
        "booking.rescheduled",
        "booking.cancelled",
    ];
    const SERVICE: &'static str = "booking";
    // Google is written to by another job, which is slower than this.
    const GATHERS: Duration = Duration::from_secs(1);

    /// What is written follows from the booking as it is then, not from the event: any event about a
    /// booking will do.
    async fn consume(&self, tx: &mut OrgTx, event: &Event) -> Result<Vec<New>, Problem> {
        if !event.kind.starts_with("booking.") {
            return Ok(Vec::new());
        }
        let booking = event.data["bookingId"]
            .as_str()
            .map(str::parse::<BookingId>);
        let Some(Ok(booking)) = booking else {
            return Ok(Vec::new());
        };
        let now = self.clock.now();
        store::events::ask(tx, booking, now)
            .await
            .map_err(Error::from)?;
        Ok(Vec::new())
    }
}

//! Forgets who called and what was said, when a patient whose visit the call booked is erased.

mod store;

use uuid::Uuid;
use voxanne_clock::Clock;
use voxanne_events::{Event, New, consumer::Consume};
use voxanne_ids::BookingId;
use voxanne_pg::{OrgTx, problem};
use voxanne_problem::Problem;

/// Empties calls of patients who are erased. What is said of such a call later is not kept either.
pub(crate) struct ForgetCalls {
    pub(crate) clock: Clock,
}

impl Consume for ForgetCalls {
    const NAME: &'static str = "voice_tooling.forget_calls";
    const KINDS: &'static [&'static str] = &["patient.erased"];
    const SERVICE: &'static str = crate::SERVICE;

    async fn consume(&self, tx: &mut OrgTx, event: &Event) -> Result<Vec<New>, Problem> {
        if !Self::KINDS.contains(&event.kind.as_str()) {
            return Ok(Vec::new());
        }
        let bookings = serde_json::from_value::<Vec<BookingId>>(event.data["bookingIds"].clone());
        let Ok(bookings) = bookings else {
            // Waiting would keep what later events ask to be forgotten.
            tracing::error!(event.id = %event.id, "a patient was erased without bookings");
            return Ok(Vec::new());
        };
        let bookings: Vec<Uuid> = bookings.iter().map(BookingId::as_uuid).collect();
        let calls = store::forget(tx, &bookings, self.clock.now()).await;
        tx.note("call.erased", calls.map_err(problem)?);
        Ok(Vec::new())
    }
}

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
        let now = self.clock.now();
        let calls = store::forget(tx, &bookings, now).await.map_err(problem)?;
        if !calls.is_empty() {
            tx.note("call.erased", calls.iter().map(|call| call.id.as_uuid()));
        }
        // Who has a transcript open reads it anew.
        let told = calls.iter().map(|call| call.event("call.updated", now));
        Ok(told.collect())
    }
}

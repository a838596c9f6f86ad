//! Forgets to whom texts went and what they said, when the patient they were for is erased.

mod store;

use uuid::Uuid;
use voxanne_events::{Event, New, consumer::Consume};
use voxanne_ids::BookingId;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;

/// Empties the texts about bookings of patients who are erased.
pub(crate) struct Erasures;

impl Consume for Erasures {
    const NAME: &'static str = "notification.erasures";
    const KINDS: &'static [&'static str] = &["patient.erased"];
    const SERVICE: &'static str = "notification";

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
        let erased = store::forget(tx, &bookings).await?;
        if !erased.is_empty() {
            tx.note("message.erased", erased);
        }
        Ok(Vec::new())
    }
}

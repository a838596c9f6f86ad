//! What a call holds is free again when the caller has hung up.

use jiff::Timestamp;
use voxanne_clock::Clock;
use voxanne_events::{Event, New, consumer::Consume};
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;

use super::{hold::released, store};
use crate::{Error, fields::CallRef};

/// Ends the holds of every call that ends.
#[derive(Clone, Debug)]
pub(crate) struct EndHolds {
    pub(crate) clock: Clock,
}

impl Consume for EndHolds {
    const NAME: &'static str = "booking.end_holds";
    const KINDS: &'static [&'static str] = &["call.ended"];
    const SERVICE: &'static str = "booking";

    async fn consume(&self, tx: &mut OrgTx, event: &Event) -> Result<Vec<New>, Problem> {
        if event.kind != "call.ended" {
            return Ok(Vec::new());
        }
        let call = event.data["vapiCallId"].as_str().map(str::parse::<CallRef>);
        let Some(Ok(call)) = call else {
            // Failing would hold up the organisation's later events and mend nothing.
            tracing::error!(event.id = %event.id, "call.ended does not name the call");
            return Ok(Vec::new());
        };
        Ok(end_all(tx, &call, self.clock.now()).await?)
    }
}

async fn end_all(tx: &mut OrgTx, call: &CallRef, at: Timestamp) -> Result<Vec<New>, Error> {
    let mut events = Vec::new();
    for hold in store::of_call(tx, call).await? {
        store::delete(tx, hold.id).await?;
        tx.note("hold.released", [hold.id.as_uuid()]);
        events.push(released(&hold, at));
    }
    Ok(events)
}

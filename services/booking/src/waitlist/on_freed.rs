//! Time that becomes free is offered to those who wait.

use jiff::Timestamp;
use serde_json::Value;
use voxanne_clock::Clock;
use voxanne_events::{Event, New, consumer::Consume};
use voxanne_ids::HoldId;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;

use super::{
    End, State, Step,
    offer::{self, Freed, Terms},
    store,
};
use crate::{Error, availability::Span};

/// Makes offers when bookings are cancelled, moved or missed and holds given back or expired.
#[derive(Clone, Debug)]
pub(crate) struct OfferFreed {
    pub(crate) clock: Clock,
    pub(crate) ttl: std::time::Duration,
}

impl Consume for OfferFreed {
    const NAME: &'static str = "booking.offer_freed";
    const KINDS: &'static [&'static str] = &[
        "booking.cancelled",
        "booking.no_show",
        "booking.released",
        "booking.rescheduled",
    ];
    const SERVICE: &'static str = "booking";
    // Whoever accepts, declines or leaves waits for the lock on offers.
    const BATCH: u32 = 10;

    async fn consume(&self, tx: &mut OrgTx, event: &Event) -> Result<Vec<New>, Problem> {
        if !Self::KINDS.contains(&event.kind.as_str()) {
            return Ok(Vec::new());
        }
        let Some(freed) = freed(event) else {
            // Failing would hold up the organisation's later events and mend nothing.
            tracing::error!(event.id = %event.id, "an event does not say what became free");
            return Ok(Vec::new());
        };
        let terms = Terms {
            now: self.clock.now(),
            ttl: self.ttl,
        };
        store::lock_offers(tx).await.map_err(Error::from)?;
        let mut events = withdraw(tx, event, terms.now).await?;
        events.extend(offer::offer(tx, &[freed], terms).await?);
        Ok(events)
    }
}

/// Staff who give back the hold of an offer end it; its entry waits on where it was.
async fn withdraw(tx: &mut OrgTx, event: &Event, at: Timestamp) -> Result<Vec<New>, Error> {
    let hold = event.data["holdId"].as_str().map(str::parse::<HoldId>);
    let Some(Ok(hold)) = hold.filter(|_| event.kind == "booking.released") else {
        return Ok(Vec::new());
    };
    let Some(entry) = store::lock_by_hold(tx, hold).await? else {
        return Ok(Vec::new());
    };
    store::end_offer(tx, hold, End::Withdrawn).await?;
    let step = Step {
        id: entry.id,
        state: State::Waiting,
        version: entry.version + 1,
    };
    store::set_state(tx, step).await?;
    tx.note("waitlist.withdrawn", entry.records());
    Ok(vec![step.told(at)])
}

fn freed(event: &Event) -> Option<Freed> {
    let data = &event.data;
    let (provider, from, to) = if event.kind == "booking.rescheduled" {
        ("movedFromProviderId", "movedFrom", "movedFromEndsAt")
    } else {
        ("providerId", "startsAt", "endsAt")
    };
    Some(Freed {
        provider: data[provider].as_str()?.parse().ok()?,
        span: Span {
            from: moment(&data[from])?,
            to: moment(&data[to])?,
        },
    })
}

fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

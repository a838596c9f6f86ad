//! Hands queued messages to Twilio, and finds out what became of those it lost sight of.
//!
//! A message is leased before anything is done about it, many in the transaction that queues them,
//! and marked as being sent before Twilio is
//! called. A process that dies leaves a lease that runs out: a message that was waiting is then
//! simply due again, one that was being sent is `unknown` and is looked for at Twilio.

pub(crate) mod capacity;
mod claim;
pub(crate) mod dispatch;
mod hand_over;
mod plan;
mod prepare;
mod reconcile;
mod record;
mod store;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Unit};
use url::Url;
use voxanne_clock::Clock;
use voxanne_events::{Log, New};
use voxanne_ids::{MessageId, OrgId};
use voxanne_pg::{OrgTx, Pool};
use voxanne_problem::Problem;
use voxanne_resilience::Breakers;
use voxanne_telemetry::names;
use voxanne_tenant::Tenant;

use crate::{
    bookings::Bookings,
    clinics::Clinics,
    config::Timing,
    messages::{Message, State, recent::Recent, store as messages},
    twilio::Twilio,
};

/// Everything that sending takes.
pub(crate) struct Delivery {
    pub(crate) pool: Pool,
    pub(crate) log: Log,
    pub(crate) clock: Clock,
    pub(crate) timing: Timing,
    pub(crate) clinics: Clinics,
    pub(crate) bookings: Bookings,
    pub(crate) twilio: Twilio,
    /// One clinic's broken account must not slow the others down.
    pub(crate) breakers: Breakers<OrgId>,
    pub(crate) public_url: Url,
    pub(crate) recent: Recent,
}

impl Delivery {
    /// Does the next thing about a leased message.
    async fn work_on(&self, tenant: &Tenant, message: Message) {
        let id = message.id;
        let done = match message.state {
            State::Unknown => self.reconcile(tenant, message).await,
            _ => self.hand_over(tenant, message).await,
        };
        if let Err(problem) = done {
            problem.log();
            tracing::warn!(org.id = %tenant.org(), message.id = %id, %problem, "a message waits");
        }
    }

    /// When a lease that is taken `now` ends, in the microseconds that Postgres keeps: who has the
    /// lease is known by it.
    pub(crate) fn lease_end(&self, now: Timestamp) -> Timestamp {
        let end = now.saturating_add(self.timing.lease).unwrap_or(now);
        end.round(Unit::Microsecond).unwrap_or(now)
    }

    async fn begin(&self, tenant: &Tenant) -> Result<OrgTx, Problem> {
        OrgTx::begin(&self.pool, tenant)
            .await
            .map_err(voxanne_pg::problem)
    }

    async fn commit(&self, tx: OrgTx, news: Vec<New>) -> Result<(), Problem> {
        self.log.commit(tx, news).await.map_err(voxanne_pg::problem)
    }

    /// Changes a message that is still as `seen`; one that somebody else moved on stays as it is.
    async fn change(
        &self,
        tenant: &Tenant,
        seen: &Message,
        change: impl FnOnce(&mut Message, Timestamp) -> Vec<New>,
    ) -> Result<(), Problem> {
        let mut message = seen.clone();
        let news = change(&mut message, self.clock.now());
        let mut tx = self.begin(tenant).await?;
        if messages::save(&mut tx, seen, &message).await? {
            note(&mut tx, seen, &message);
            self.commit(tx, news).await?;
        }
        Ok(())
    }

    /// Puts a message off by `pause`.
    async fn put_off(
        &self,
        tenant: &Tenant,
        seen: &Message,
        words: &str,
        pause: Duration,
    ) -> Result<(), Problem> {
        self.change(tenant, seen, |message, now| {
            message.wait(words, after(now, pause), now);
            Vec::new()
        })
        .await
    }
}

/// Notes for the audit log that a message came into another state. That it waits on is none of the
/// clinic's business.
fn note(tx: &mut OrgTx, seen: &Message, message: &Message) {
    if message.state != seen.state {
        tx.note(message.state.action(), message.records());
    }
}

/// A moment too far ahead to be written counts as never.
fn after(now: Timestamp, pause: Duration) -> Timestamp {
    SignedDuration::try_from(pause)
        .ok()
        .and_then(|pause| now.checked_add(pause).ok())
        .unwrap_or(Timestamp::MAX)
}

impl Message {
    /// Measures the way from the change that asked for the text to Twilio's acceptance.
    pub(crate) fn measure_handover(&self, now: Timestamp) {
        let way = now.duration_since(self.asked_at).as_secs_f64();
        metrics::histogram!(names::MESSAGE_HANDOVER_SECONDS).record(way.max(0.0));
    }
}

/// Where Twilio reports on a message. The fragment is for Twilio alone: five more tries after any
/// failure, where its default is one after a failed connection.
fn callback(public_url: &Url, id: MessageId) -> Url {
    let mut url = public_url.clone();
    url.path_segments_mut()
        .expect("the configured address is an http URL")
        .pop_if_empty()
        .extend(["api", "webhooks", "sms-status"]);
    url.set_query(Some(&format!("mid={id}")));
    url.set_fragment(Some("rc=5&rp=all"));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_names_the_message() {
        let id = MessageId::new();
        for base in ["https://clinic.example", "https://clinic.example/"] {
            let url = callback(&base.parse().unwrap(), id);
            assert_eq!(
                url.as_str(),
                format!("https://clinic.example/api/webhooks/sms-status?mid={id}#rc=5&rp=all")
            );
        }
    }
}

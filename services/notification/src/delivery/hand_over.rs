//! Sends one message.

use std::time::{Duration, Instant};

use voxanne_problem::Problem;
use voxanne_resilience::Permit;
use voxanne_tenant::Tenant;

use super::{
    Delivery, callback,
    claim::Claimed,
    prepare::{Prepared, Ready},
};
use crate::{
    messages::{Cause, Message},
    twilio::{Text, outcome::Outcome},
};

/// The text before this one is usually handed over within a second.
const BUSY_RECIPIENT: Duration = Duration::from_secs(1);

impl Delivery {
    /// Sends a leased message that is queued, and records what came of it.
    pub(super) async fn hand_over(&self, tenant: &Tenant, seen: Message) -> Result<(), Problem> {
        let ready = match self.prepare(tenant, &seen).await {
            Prepared::Ready(ready) => ready,
            Prepared::Wait(words) => {
                return self.put_off(tenant, &seen, words, self.pause(&seen)).await;
            }
            Prepared::Over(state, words) => {
                let end =
                    |message: &mut Message, now| message.enter(state, Cause::words(words), now);
                return self.change(tenant, &seen, end).await;
            }
        };
        let org = tenant.org();
        let permit = match self.breakers.permit(&org) {
            Ok(permit) => permit,
            Err(open) => {
                let words = if seen.cause.is_empty() {
                    "Twilio did not answer for the clinic's account; it is tried again shortly"
                } else {
                    &seen.cause
                };
                return self.put_off(tenant, &seen, words, open.retry_after).await;
            }
        };
        let started = Instant::now();
        match self.claim(tenant, &seen, &ready).await? {
            Claimed::No => Ok(()),
            Claimed::Busy => {
                let words = "another text to this number is on its way";
                self.put_off(tenant, &seen, words, BUSY_RECIPIENT).await
            }
            Claimed::Yes(message) => {
                if !self.is_in_time(started) {
                    tracing::warn!(message.id = %message.id, "the lease was nearly over");
                    return Ok(());
                }
                let outcome = self.call(&message, &ready).await;
                report(permit, &outcome);
                if matches!(outcome, Outcome::AccountRefused(_)) {
                    self.clinics.forget(org).await;
                }
                self.record(tenant, &message, outcome).await
            }
        }
    }

    /// A worker that was held up must not call when others may believe it dead.
    fn is_in_time(&self, started: Instant) -> bool {
        let call_takes = self.timing.twilio_timeout.unsigned_abs();
        started.elapsed() + call_takes < self.timing.lease.unsigned_abs()
    }

    async fn call(&self, message: &Message, ready: &Ready) -> Outcome {
        let text = Text {
            to: &ready.to,
            body: &ready.body,
            callback: callback(&self.public_url, message.id),
            valid_for: ready.valid_for,
        };
        self.twilio.send(&ready.account, &text).await
    }
}

/// A refusal of one text is an answer; a refusal of the account concerns every text.
fn report(permit: Permit<'_, voxanne_ids::OrgId>, outcome: &Outcome) {
    match outcome {
        Outcome::Accepted(_) | Outcome::Refused(_) | Outcome::OptedOut(_) | Outcome::Busy(_) => {
            permit.succeeded();
        }
        Outcome::AccountRefused(_) | Outcome::NotSent | Outcome::Unknown => permit.failed(),
    }
}

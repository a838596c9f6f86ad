//! Finds out whether Twilio took a text whose answer was lost.

use jiff::{SignedDuration, Timestamp};
use voxanne_events::New;
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use super::{
    Delivery, note,
    plan::{self, Next},
    record, store,
};
use crate::{
    config::Timing,
    messages::{Cause, Message, State, store as messages},
    twilio::{
        listed::{Listed, SKEW},
        status,
    },
};

/// Twilio drops a text that waited longer than this in its own queue.
const LONGEST: SignedDuration = SignedDuration::from_hours(10);

impl Delivery {
    /// Looks a leased unknown message up in Twilio's list: found, it has its id; not found often
    /// and long enough, it was not accepted.
    pub(super) async fn reconcile(&self, tenant: &Tenant, seen: Message) -> Result<(), Problem> {
        let attempted_at = seen.attempted_at.unwrap_or(seen.updated_at);
        let Some(listed) = self.list(tenant, &seen, attempted_at).await else {
            return self.look_later(tenant, &seen, attempted_at).await;
        };
        let candidates: Vec<Listed> = listed
            .into_iter()
            .filter(|entry| entry.may_be(&seen.body, attempted_at))
            .filter(|entry| !seen.former_sids.contains(&entry.sid))
            .collect();
        let mut tx = self.begin(tenant).await?;
        let sids: Vec<String> = candidates.iter().map(|entry| entry.sid.clone()).collect();
        let taken = store::taken_sids(&mut tx, &sids).await?;
        let found = candidates
            .into_iter()
            .find(|entry| !taken.contains(&entry.sid));
        let mut message = seen.clone();
        let now = self.clock.now();
        let was_found = found.is_some();
        let news = match found {
            Some(entry) => adopt(&mut message, entry, now),
            None => look_again(&mut message, attempted_at, now, &self.timing),
        };
        if !messages::save(&mut tx, &seen, &message).await? {
            return Ok(());
        }
        note(&mut tx, &seen, &message);
        self.commit(tx, news).await?;
        if was_found {
            message.measure_handover(now);
        }
        Ok(())
    }

    /// A list that cannot be read tells nothing. The next texts to the recipient wait for this one,
    /// so the waiting has an end.
    async fn look_later(
        &self,
        tenant: &Tenant,
        seen: &Message,
        attempted_at: Timestamp,
    ) -> Result<(), Problem> {
        if self.clock.now().duration_since(attempted_at) < LONGEST {
            let gap = self.timing.unknown_gap.unsigned_abs();
            return self.put_off(tenant, seen, record::UNKNOWN, gap).await;
        }
        let give_up = |message: &mut Message, now| {
            message.enter(State::Failed, Cause::words(record::UNKNOWN), now)
        };
        self.change(tenant, seen, give_up).await
    }

    /// Twilio's list for the recipient; `None` when it cannot be read now.
    async fn list(
        &self,
        tenant: &Tenant,
        seen: &Message,
        attempted_at: Timestamp,
    ) -> Option<Vec<Listed>> {
        let clinic = match self.clinics.get(tenant).await {
            Ok(clinic) => clinic,
            Err(problem) => {
                problem.log();
                return None;
            }
        };
        let account = clinic.account.as_ref().ok()?;
        let since = attempted_at.saturating_sub(SKEW).unwrap_or(attempted_at);
        match self.twilio.list(account, &seen.to, since).await {
            Ok(listed) => Some(listed),
            Err(error) => {
                let error = format!("{:#}", anyhow::Error::new(error));
                tracing::warn!(message.id = %seen.id, error, "Twilio's list cannot be read");
                self.clinics.forget(tenant.org()).await;
                None
            }
        }
    }
}

fn adopt(message: &mut Message, entry: Listed, now: Timestamp) -> Vec<New> {
    let status = entry.status.as_deref().unwrap_or_default();
    let told = status::told(status, entry.error_code.unwrap_or_default());
    let (state, cause) = told.map_or((State::Sent, Cause::NONE), |told| (told.state, told.cause));
    message.sid = Some(entry.sid);
    message.advance(state, cause, now)
}

fn look_again(
    message: &mut Message,
    attempted_at: Timestamp,
    now: Timestamp,
    timing: &Timing,
) -> Vec<New> {
    message.looks += 1;
    match plan::after_look(message.looks, attempted_at, now, message.sent_again, timing) {
        Next::LookAgain(at) => {
            message.run_at = at;
            Vec::new()
        }
        Next::SendAgain => {
            message.sent_again = true;
            message.run_at = now;
            message.enter(State::Queued, Cause::NONE, now)
        }
        Next::GiveUp => {
            let words = "Twilio did not say, twice, whether it took the text";
            message.enter(State::Failed, Cause::words(words), now)
        }
    }
}

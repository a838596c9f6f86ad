//! Records how a call to Twilio ended.

use std::time::Duration;

use jiff::Timestamp;
use voxanne_events::New;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use super::{Delivery, after, plan};
use crate::{
    config::Timing,
    messages::{Cause, Message, State, store as messages},
    opt_outs::{Source, store as opt_outs},
    twilio::outcome::Outcome,
};

/// Why a message is unknown.
pub(super) const UNKNOWN: &str = "Twilio has not said whether it took the text";

impl Delivery {
    pub(super) async fn record(
        &self,
        tenant: &Tenant,
        sent: &Message,
        outcome: Outcome,
    ) -> Result<(), Problem> {
        let timing = self.timing;
        match outcome {
            Outcome::Accepted(sid) => self.accept(tenant, sent, sid).await,
            Outcome::OptedOut(cause) => self.suppress(tenant, sent, cause).await,
            outcome => {
                let settle = |message: &mut Message, now| settle(message, outcome, now, &timing);
                self.change(tenant, sent, settle).await
            }
        }
    }

    async fn accept(&self, tenant: &Tenant, sent: &Message, sid: String) -> Result<(), Problem> {
        let now = self.clock.now();
        sent.measure_handover(now);
        let mut message = sent.clone();
        message.sid = Some(sid.clone());
        let news = message.advance(State::Sent, Cause::NONE, now);
        let mut tx = self.begin(tenant).await?;
        if !messages::save(&mut tx, sent, &message).await? {
            return self.accept_late(tx, sent, sid).await;
        }
        super::note(&mut tx, sent, &message);
        self.commit(tx, news).await?;
        self.recent.keep(tenant.org(), &message).await;
        Ok(())
    }

    /// That Twilio took the text is a fact, whoever else worked on the message meanwhile.
    async fn accept_late(&self, mut tx: OrgTx, sent: &Message, sid: String) -> Result<(), Problem> {
        let Some(seen) = messages::lock(&mut tx, sent.id).await? else {
            return Ok(());
        };
        if seen.sid.is_some() || !seen.state.is_before_sent() {
            // The callback was faster.
            if seen.sid.as_ref() != Some(&sid) {
                tracing::error!(message.id = %sent.id, sid, "a text was sent twice");
            }
            return Ok(());
        }
        let mut message = seen.clone();
        message.sid = Some(sid);
        let news = message.advance(State::Sent, Cause::NONE, self.clock.now());
        messages::save(&mut tx, &seen, &message).await?;
        super::note(&mut tx, &seen, &message);
        self.commit(tx, news).await
    }

    async fn suppress(&self, tenant: &Tenant, sent: &Message, cause: Cause) -> Result<(), Problem> {
        let now = self.clock.now();
        let mut tx = self.begin(tenant).await?;
        opt_outs::add(&mut tx, &sent.to, Source::Twilio, now).await?;
        let mut message = sent.clone();
        let mut news = message.enter(State::Suppressed, cause, now);
        if messages::save(&mut tx, sent, &message).await? {
            super::note(&mut tx, sent, &message);
        } else {
            news.clear();
        }
        self.commit(tx, news).await
    }
}

/// The outcomes that change nothing but the message itself.
fn settle(message: &mut Message, outcome: Outcome, now: Timestamp, timing: &Timing) -> Vec<New> {
    let usual = plan::doubling(timing.retry_after, plan::MINUTE);
    let back = match outcome {
        Outcome::Accepted(_) | Outcome::OptedOut(_) => return Vec::new(),
        Outcome::Refused(cause) => return message.enter(State::Failed, cause, now),
        Outcome::Unknown => {
            let attempted_at = message.attempted_at.unwrap_or(now);
            let grace = attempted_at.saturating_add(timing.unknown_grace);
            message.run_at = grace.unwrap_or(now);
            return message.enter(State::Unknown, Cause::words(UNKNOWN), now);
        }
        Outcome::AccountRefused(cause) => {
            let slow = plan::doubling(timing.refused_retry_after, plan::FIVE_MINUTES);
            (cause, slow, Duration::ZERO)
        }
        Outcome::Busy(asked) => {
            let words = "Twilio asks to slow down";
            (Cause::words(words), usual, asked.unwrap_or_default())
        }
        Outcome::NotSent => {
            let words = "Twilio cannot be reached";
            (Cause::words(words), usual, Duration::ZERO)
        }
    };
    let (cause, backoff, at_least) = back;
    let pause = backoff.delay(message.waits, message.jitter()).max(at_least);
    message.state = State::Queued;
    message.error_code = cause.code;
    message.wait(cause.words, after(now, pause), now);
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Kind;

    fn settled(outcome: Outcome) -> (State, i64, usize) {
        let at = Timestamp::UNIX_EPOCH;
        let mut message = Message::queued(Kind::Direct, None, at, at);
        message.state = State::Sending;
        message.attempted_at = Some(at);
        let news = settle(&mut message, outcome, at, &Timing::default());
        assert!(!message.cause.is_empty(), "every one of these has a cause");
        (message.state, message.run_at.as_second(), news.len())
    }

    #[test]
    fn what_was_not_sent_waits_and_what_may_have_been_is_unknown() {
        let cause = Cause {
            words: "words",
            code: 1,
        };
        assert_eq!(settled(Outcome::Refused(cause)), (State::Failed, 0, 1));
        assert_eq!(settled(Outcome::Unknown), (State::Unknown, 60, 0));
        let (state, second, news) = settled(Outcome::AccountRefused(cause));
        assert_eq!((state, news), (State::Queued, 0));
        assert!((15..=30).contains(&second), "{second}");
        let asked = Some(Duration::from_secs(7));
        assert_eq!(settled(Outcome::Busy(asked)), (State::Queued, 7, 0));
        for outcome in [Outcome::Busy(None), Outcome::NotSent] {
            let (state, second, news) = settled(outcome);
            assert_eq!((state, news), (State::Queued, 0));
            assert!((0..=1).contains(&second), "{second}");
        }
    }
}

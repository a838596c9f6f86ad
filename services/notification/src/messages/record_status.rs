//! Takes in what Twilio's callbacks say of a message.

use voxanne_ids::MessageId;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use super::{Message, State, not_found, store};
use crate::{
    Notification,
    opt_outs::{Source, store as opt_outs},
    rights,
    twilio::status::{self, Told},
};

/// One callback.
pub(crate) struct Report {
    /// Our id, when the callback's URL has one.
    pub(crate) message: Option<MessageId>,
    pub(crate) sid: String,
    pub(crate) status: String,
    pub(crate) error_code: u32,
}

impl Notification {
    pub(crate) async fn record_status(
        &self,
        tenant: &Tenant,
        report: Report,
    ) -> Result<(), Problem> {
        rights::reports(tenant)?;
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant)
            .await
            .map_err(voxanne_pg::problem)?;
        let found = match report.message {
            Some(id) => store::lock(&mut tx, id).await?,
            None => store::lock_by_sid(&mut tx, &report.sid).await?,
        };
        let mut message = found.ok_or_else(not_found)?;
        let Some(told) = status::told(&report.status, report.error_code) else {
            tracing::info!(
                status = report.status,
                "Twilio said something new of a message"
            );
            return Ok(());
        };
        if !message.is_meant_by(&report.sid) {
            tracing::info!(message.id = %message.id, "a callback is about an earlier attempt");
            return Ok(());
        }
        let was_unknown = message.state.is_before_sent() && message.state != State::Sending;
        message.sid = Some(report.sid);
        let Told { state, cause } = told;
        let news = message.advance(state, cause, now);
        if news.is_empty() {
            return Ok(());
        }
        // Of an erased patient's text the number is gone.
        if state == State::Suppressed && !message.to.is_empty() {
            opt_outs::add(&mut tx, &message.to, Source::Twilio, now).await?;
        }
        store::save(&mut tx, &message).await?;
        tx.note(message.state.action(), message.records());
        self.log
            .commit(tx, news)
            .await
            .map_err(voxanne_pg::problem)?;
        if was_unknown {
            message.measure_handover(now);
        }
        Ok(())
    }
}

impl Message {
    /// Whether `sid` may be Twilio's id of the current attempt. An attempt without one is healed by
    /// the first callback that tells it.
    fn is_meant_by(&self, sid: &str) -> bool {
        match &self.sid {
            Some(known) => known == sid,
            None => !self.former_sids.iter().any(|former| former == sid),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::messages::Kind;

    #[test]
    fn what_is_said_of_an_attempt_before_a_retry_is_past() {
        let at = Timestamp::UNIX_EPOCH;
        let mut message = Message::queued(Kind::Direct, None, at, at);
        message.former_sids = vec!["SM1".to_owned()];
        assert!(message.is_meant_by("SM2"));
        assert!(!message.is_meant_by("SM1"));
        message.sid = Some("SM3".to_owned());
        assert!(message.is_meant_by("SM3"));
        assert!(!message.is_meant_by("SM2"));
    }
}

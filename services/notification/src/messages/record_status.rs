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
        let Some(told) = status::told(&report.status, report.error_code) else {
            let status = report.status;
            tracing::info!(status, "Twilio said something new of a message");
            return Ok(());
        };
        let (org, sid) = (tenant.org(), report.sid.as_str());
        if self
            .recent
            .covers(org, report.message, sid, told.state)
            .await
        {
            return Ok(());
        }
        self.record_told(tenant, report, told).await
    }

    async fn record_told(
        &self,
        tenant: &Tenant,
        report: Report,
        told: Told,
    ) -> Result<(), Problem> {
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant)
            .await
            .map_err(voxanne_pg::problem)?;
        let found = match report.message {
            Some(id) => store::lock(&mut tx, id).await?,
            None => store::lock_by_sid(&mut tx, &report.sid).await?,
        };
        let seen = found.ok_or_else(not_found)?;
        if !seen.is_meant_by(&report.sid) {
            tracing::info!(message.id = %seen.id, "a callback is about an earlier attempt");
            return Ok(());
        }
        let mut message = seen.clone();
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
        store::save(&mut tx, &seen, &message).await?;
        tx.note(message.state.action(), message.records());
        self.log
            .commit(tx, news)
            .await
            .map_err(voxanne_pg::problem)?;
        self.recent.keep(tenant.org(), &message).await;
        if seen.state.is_before_sent() && seen.state != State::Sending {
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

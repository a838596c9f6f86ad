//! Queues a failed or undelivered message again.

use voxanne_ids::MessageId;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_telemetry::trace::current_traceparent;
use voxanne_tenant::Tenant;

use super::{Message, not_found, store};
use crate::{Notification, rights};

impl Notification {
    pub(crate) async fn retry(&self, tenant: &Tenant, id: MessageId) -> Result<Message, Problem> {
        rights::sends(tenant)?;
        let mut tx = OrgTx::begin(&self.pool, tenant)
            .await
            .map_err(voxanne_pg::problem)?;
        let seen = store::lock(&mut tx, id).await?.ok_or_else(not_found)?;
        let mut message = seen.clone();
        let news = message.retry(self.clock.now())?;
        message.trace = current_traceparent();
        store::save(&mut tx, &seen, &message).await?;
        tx.note("message.retried", message.records());
        self.log
            .commit(tx, news)
            .await
            .map_err(voxanne_pg::problem)?;
        self.wake.wake(tenant.org());
        Ok(message)
    }
}

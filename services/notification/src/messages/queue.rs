//! Queues one text that a member of the clinic wrote.

use prost::Message as _;
use voxanne_idempotency::{
    KeyedRequest,
    record::{self, Claim},
};
use voxanne_ids::MessageId;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_problem::Problem;
use voxanne_proto::notification::v1;
use voxanne_telemetry::trace::current_traceparent;
use voxanne_tenant::Tenant;

use super::{Kind, Message, State, store};
use crate::{Notification, rights};

const OPERATION: &str = "message.send";

/// A text and its recipient, in E.164.
pub(crate) struct Draft {
    pub(crate) to: Private<String>,
    pub(crate) body: Private<String>,
}

/// A queued message, or the one that was queued when its key came first.
pub(crate) struct Queued {
    pub(crate) message: v1::Message,
    pub(crate) replayed: bool,
}

impl Notification {
    pub(crate) async fn queue(
        &self,
        tenant: &Tenant,
        keyed: Option<KeyedRequest>,
        draft: Draft,
    ) -> Result<Queued, Problem> {
        rights::sends(tenant)?;
        let mut tx = OrgTx::begin(&self.pool, tenant)
            .await
            .map_err(voxanne_pg::problem)?;
        if let Some(keyed) = &keyed
            && let Claim::Replay(answer) = record::claim(&mut tx, OPERATION, keyed).await?
        {
            let message = v1::Message::decode(&*answer).map_err(Problem::internal)?;
            let id = message.id.parse::<MessageId>().map_err(Problem::internal)?;
            tx.note("message.repeated", [id.as_uuid()]);
            tx.commit().await.map_err(voxanne_pg::problem)?;
            return Ok(Queued {
                message,
                replayed: true,
            });
        }
        let now = self.clock.now();
        let mut message = Message::queued(Kind::Direct, None, now, now);
        (message.to, message.body) = (draft.to, draft.body);
        message.trace = current_traceparent();
        store::insert(&mut tx, &message, None).await?;
        let news = message.enter(State::Queued, super::Cause::NONE, now);
        tx.note(message.state.action(), message.records());
        let message = v1::Message::from(message);
        if let Some(keyed) = &keyed {
            record::keep(&mut tx, OPERATION, keyed, &message.encode_to_vec()).await?;
        }
        self.log
            .commit(tx, news)
            .await
            .map_err(voxanne_pg::problem)?;
        self.wake.wake(tenant.org());
        Ok(Queued {
            message,
            replayed: false,
        })
    }
}

//! One clinic's assistant at Vapi.

use std::time::Duration;

use serde_json::{Value, json};
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use crate::{
    agents::Agent,
    sync::{
        Failure,
        link::{Wish, link},
        platform::{Platform, id_of},
        reconcile::{BUDGET, Reconciler},
        store::{self, Claim},
    },
    vapi::Session,
};

/// Vapi waits so long for an answer to a webhook.
const TIMEOUT_SECONDS: u32 = 20;
/// An assistant is never older than its agent, give or take what two clocks may differ.
const CLOCKS_DIFFER: Duration = Duration::from_secs(24 * 3600);

impl Reconciler {
    /// Makes sure that the agent has an assistant and that it is as saved.
    pub(crate) async fn bring(
        &self,
        tenant: &Tenant,
        claim: &Claim,
        platform: &Platform,
    ) -> Result<(), Failure> {
        let session = self.vapi.within(BUDGET);
        let wish = self.wish(tenant, &claim.agent, platform).await?;
        let assistant = self.assistant(&session, (tenant, claim), &wish).await?;
        let changes = link(&assistant, &wish);
        if changes.is_empty() {
            return Ok(());
        }
        let id = id_of(&assistant)?;
        session
            .patch("assistant", &id, &Value::Object(changes))
            .await?;
        // Nothing at Vapi keeps two writers apart, so only a look tells what is there.
        let kept = session.get("assistant", &id).await?;
        let lost: Vec<_> = link(&kept, &wish)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        if lost.is_empty() {
            Ok(())
        } else {
            Err(Failure::NotKept(lost.join(", ")))
        }
    }

    pub(crate) async fn wish(
        &self,
        tenant: &Tenant,
        agent: &Agent,
        platform: &Platform,
    ) -> Result<Wish, Failure> {
        let tool_ids: Vec<_> = platform
            .tools
            .iter()
            .map(|tool| tool.vapi_tool_id.clone())
            .collect();
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let linked_before = store::list_tools(&mut tx).await?;
        tx.commit().await?;
        let stale_tool_ids = linked_before
            .into_iter()
            .filter_map(|tool| tool.vapi_tool_id)
            .filter(|id| !tool_ids.contains(id))
            .collect();
        Ok(Wish {
            agent_id: agent.id,
            draft: agent.draft.clone(),
            tool_ids,
            stale_tool_ids,
            server: json!({
                "url": self.webhook_url.as_str(),
                "credentialId": platform.credential_id,
                "timeoutSeconds": TIMEOUT_SECONDS,
            }),
        })
    }

    /// The agent's assistant as Vapi has it; made if there is none, adopted if an earlier attempt
    /// made it and did not live to write that down.
    async fn assistant(
        &self,
        session: &Session<'_>,
        (tenant, claim): (&Tenant, &Claim),
        wish: &Wish,
    ) -> Result<Value, Failure> {
        if let Some(id) = &claim.agent.vapi_assistant_id {
            match session.get("assistant", id).await {
                Err(error) if error.is_gone() => {
                    tracing::warn!(agent.id = %claim.agent.id, "an assistant is gone from Vapi");
                }
                outcome => return Ok(outcome?),
            }
        }
        let since = claim.agent.created_at - CLOCKS_DIFFER;
        let listed = session.list("assistant", Some(since)).await?;
        let agent_id = claim.agent.id.to_string();
        let orphan = listed
            .into_iter()
            .filter(|one| one["metadata"]["agentId"] == *agent_id)
            .min_by_key(|one| one["id"].to_string());
        let assistant = match orphan {
            Some(orphan) => orphan,
            None => {
                let body = Value::Object(link(&json!({}), wish));
                session.create("assistant", &body).await?
            }
        };
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let kept = store::update_assistant(&mut tx, claim.lease, &id_of(&assistant)?).await?;
        if kept {
            tx.note("agent.linked", [claim.agent.id.as_uuid()]);
        }
        tx.commit().await?;
        if kept {
            Ok(assistant)
        } else {
            Err(Failure::LeaseLost)
        }
    }
}

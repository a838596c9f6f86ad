//! Writing down how an attempt ended.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;
use voxanne_events::New;
use voxanne_pg::{OrgTx, problem};
use voxanne_problem::Problem;
use voxanne_resilience::Backoff;
use voxanne_tenant::Tenant;

use crate::sync::{
    State,
    platform::Platform,
    reconcile::Reconciler,
    store::{self, Claim},
};

/// 2, 4, 8 seconds and so on after a failure.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(2), Duration::from_secs(60));

impl Reconciler {
    /// Vapi has what was saved when the attempt began.
    pub(crate) async fn succeeded(
        &self,
        tenant: &Tenant,
        claim: &Claim,
        platform: &Platform,
    ) -> Result<(), Problem> {
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        let Some(state) = store::update_succeeded(&mut tx, claim)
            .await
            .map_err(problem)?
        else {
            return Ok(());
        };
        for tool in &platform.tools {
            store::upsert_linked(&mut tx, tool, now)
                .await
                .map_err(problem)?;
        }
        let event = New {
            kind: "agent.synced",
            at: now,
            data: json!({"agentId": claim.agent.id, "version": claim.agent.version}),
        };
        tx.note("agent.synced", [claim.agent.id.as_uuid()]);
        // More was saved meanwhile: the attempt that brings it will say so.
        let events = if state == State::Live {
            vec![event]
        } else {
            Vec::new()
        };
        self.log.commit(tx, events).await.map_err(problem)
    }

    /// The attempt failed for `cause` and is made again later.
    pub(crate) async fn failed(
        &self,
        tenant: &Tenant,
        claim: &Claim,
        cause: &str,
    ) -> Result<(), Problem> {
        let now = self.clock.now();
        let delay = BACKOFF.delay(claim.attempts.try_into().unwrap_or(u32::MAX), jitter());
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        let kept = store::update_failed(&mut tx, claim, cause, delay)
            .await
            .map_err(problem)?;
        if !kept {
            return Ok(());
        }
        store::update_tools_failed(&mut tx, cause, now)
            .await
            .map_err(problem)?;
        let event = New {
            kind: "agent.sync_failed",
            at: now,
            data: json!({"agentId": claim.agent.id, "version": claim.agent.version}),
        };
        // The same failure again is no news.
        let events = if claim.cause == cause {
            Vec::new()
        } else {
            tx.note("agent.sync_failed", [claim.agent.id.as_uuid()]);
            vec![event]
        };
        tracing::info!(org.id = %claim.org, agent.id = %claim.agent.id, cause, "sync failed");
        self.log.commit(tx, events).await.map_err(problem)
    }

    /// The process stops: another one makes the attempt at once.
    pub(crate) async fn released(&self, tenant: &Tenant, claim: &Claim) -> Result<(), Problem> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        store::update_released(&mut tx, claim)
            .await
            .map_err(problem)?;
        tx.commit().await.map_err(problem)
    }
}

/// Anything from 0 to 1, so that agents that failed together do not return together.
fn jitter() -> f64 {
    f64::from(Uuid::new_v4().as_fields().0) / f64::from(u32::MAX)
}

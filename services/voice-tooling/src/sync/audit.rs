//! Looking whether Vapi still has what was brought to it.

mod store;

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use voxanne_events::New;
use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, problem};
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use crate::{
    agents::Agent,
    sync::{
        Failure, State,
        link::link,
        platform::Platform,
        reconcile::{BUDGET, Reconciler},
    },
};

/// How often it is looked for agents whose check is due.
const EVERY: Duration = Duration::from_secs(2);

/// What a look at Vapi found.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    /// What differs, in words; empty when nothing does.
    difference: String,
    /// Ids of the tools that the assistant is linked to.
    linked: Vec<String>,
}

impl Reconciler {
    /// Checks agents one after the other until `shutdown`.
    pub(crate) async fn audit(self: Arc<Self>, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            if let Err(problem) = self.check_some().await {
                problem.log();
            }
            shutdown
                .run_until_cancelled(tokio::time::sleep(EVERY))
                .await;
        }
    }

    async fn check_some(&self) -> Result<(), Problem> {
        let mut tx = self
            .system("find agents to compare with Vapi")
            .await
            .map_err(problem)?;
        let due = store::list_unchecked(&mut tx).await.map_err(problem)?;
        tx.commit().await.map_err(problem)?;
        if due.is_empty() {
            return Ok(());
        }
        let Some(platform) = self.registrations().await.map_err(problem)? else {
            return Ok(());
        };
        for org in due {
            self.check(org, &platform).await?;
        }
        Ok(())
    }

    async fn check(&self, org: OrgId, platform: &Platform) -> Result<(), Problem> {
        let tenant = Tenant::for_job(org, "agent-audit");
        let mut tx = OrgTx::begin(&self.pool, &tenant).await.map_err(problem)?;
        let taken = store::take_check(&mut tx).await.map_err(problem)?;
        tx.commit().await.map_err(problem)?;
        let Some((agent, state)) = taken else {
            return Ok(());
        };
        match self.look(&tenant, &agent, platform).await {
            Ok(found) => self.note_found(&tenant, (&agent, state), &found).await,
            Err(Failure::Db(error)) => Err(problem(error)),
            // Vapi that does not answer says nothing about what it has; the next check will.
            Err(Failure::Vapi(_) | Failure::NotKept(_) | Failure::LeaseLost) => Ok(()),
        }
    }

    async fn look(
        &self,
        tenant: &Tenant,
        agent: &Agent,
        platform: &Platform,
    ) -> Result<Found, Failure> {
        let wish = self.wish(tenant, agent, platform).await?;
        let id = agent.vapi_assistant_id.as_deref().unwrap_or_default();
        match self.vapi.within(BUDGET).get("assistant", id).await {
            Ok(assistant) => {
                let changes = link(&assistant, &wish);
                let fields: Vec<_> = changes.iter().map(|(name, _)| name.as_str()).collect();
                Ok(Found {
                    difference: match &fields[..] {
                        [] => String::new(),
                        fields => format!("changed at Vapi: {}", fields.join(", ")),
                    },
                    linked: linked(&assistant),
                })
            }
            Err(error) if error.is_gone() => Ok(Found {
                difference: "the assistant is gone from Vapi".to_owned(),
                linked: Vec::new(),
            }),
            Err(error) => Err(error.into()),
        }
    }

    /// Shows what was found, if that is news and nothing was saved meanwhile.
    async fn note_found(
        &self,
        tenant: &Tenant,
        (agent, state): (&Agent, State),
        found: &Found,
    ) -> Result<(), Problem> {
        let (now_state, kind) = match found.difference.as_str() {
            "" => (State::Live, "agent.synced"),
            _ => (State::Drifted, "agent.sync_failed"),
        };
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        let kept = store::update_found(&mut tx, agent.version, now_state, &found.difference)
            .await
            .map_err(problem)?;
        if !kept || now_state == state {
            return tx.commit().await.map_err(problem);
        }
        let now = self.clock.now();
        store::update_tools(&mut tx, &found.linked, now)
            .await
            .map_err(problem)?;
        tx.note(kind, [agent.id.as_uuid()]);
        let event = New {
            kind,
            at: now,
            data: json!({"agentId": agent.id, "version": agent.version}),
        };
        self.log.commit(tx, vec![event]).await.map_err(problem)
    }
}

fn linked(assistant: &Value) -> Vec<String> {
    let plain = assistant["model"]["toolIds"]
        .as_array()
        .into_iter()
        .flatten();
    let pinned = assistant["model"]["toolRefs"]
        .as_array()
        .into_iter()
        .flatten();
    plain
        .chain(pinned.map(|pin| &pin["toolId"]))
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

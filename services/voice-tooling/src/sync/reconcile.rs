//! The loop that works through agents that are due.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use secrecy::SecretString;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;
use voxanne_clock::Clock;
use voxanne_events::Log;
use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, Pool, SystemTx, problem};
use voxanne_problem::Problem;
use voxanne_tenant::{Keys, Tenant};

use crate::{
    SERVICE,
    sync::{Failure, platform::Platform, store},
    tools::Toolbox,
    vapi::{self, Vapi},
};

/// Calls to Vapi of one attempt. Leases last longer, so none runs out under a living attempt.
pub(crate) const BUDGET: Duration = Duration::from_secs(20);
/// How often agents that came due by time, or through another replica, are looked for.
const POLL: Duration = Duration::from_millis(250);
/// How long to wait after Postgres failed.
const PAUSE: Duration = Duration::from_secs(2);
/// How often the tools are looked after when nothing else happens.
const AUDIT_EVERY: Duration = Duration::from_secs(300);
/// Organisations at a time.
const AT_ONCE: usize = 4;

/// Brings Vapi to what is saved, for every organisation.
pub(crate) struct Reconciler {
    pub(crate) pool: Pool,
    pub(crate) log: Log,
    pub(crate) clock: Clock,
    pub(crate) toolbox: Arc<Toolbox>,
    pub(crate) vapi: Vapi,
    pub(crate) keys: Keys,
    pub(crate) webhook_url: Url,
    pub(crate) webhook_secret: SecretString,
    /// Told when something was saved.
    pub(crate) wake: Arc<Notify>,
    pub(crate) alarm: Alarm,
}

/// What is wrong with the platform's account at Vapi, said once for as long as it lasts.
#[derive(Default)]
pub(crate) struct Alarm(Mutex<Option<String>>);

impl Alarm {
    fn raise(&self, failure: &Failure) {
        let cause = failure.to_string();
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if said.as_ref() == Some(&cause) {
            return;
        }
        if matches!(failure, Failure::Vapi(error) if error.is_key_refused()) {
            tracing::error!(cause, "nothing can be brought to Vapi");
        } else {
            tracing::warn!(cause, "nothing can be brought to Vapi");
        }
        *said = Some(cause);
    }

    fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Reconciler {
    /// Works until `shutdown`.
    pub(crate) async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        let mut audited: Option<Instant> = None;
        while !shutdown.is_cancelled() {
            let audit = audited.is_none_or(|at| at.elapsed() > AUDIT_EVERY);
            let (worked, pause) = match self.round(audit).await {
                Ok(worked) => (worked, POLL),
                Err(problem) => {
                    problem.log();
                    (false, PAUSE)
                }
            };
            if audit {
                audited = Some(Instant::now());
            }
            if !worked {
                let rest = tokio::time::timeout(pause, self.wake.notified());
                // Woken or not, the next round looks.
                shutdown.run_until_cancelled(rest).await;
            }
        }
    }

    /// Works through what is due; `true` when there was something.
    async fn round(&self, audit: bool) -> Result<bool, Problem> {
        let due = self.due().await.map_err(problem)?;
        if due.is_empty() && !(audit && self.has_agents().await.map_err(problem)?) {
            return Ok(false);
        }
        let platform = match self.register().await {
            Ok(Some(platform)) => {
                self.alarm.clear();
                Ok(platform)
            }
            Ok(None) | Err(Failure::Vapi(vapi::Error::Stopping)) => return Ok(false),
            Err(Failure::Db(error)) => return Err(problem(error)),
            Err(failure) => {
                self.alarm.raise(&failure);
                Err(failure.to_string())
            }
        };
        // Tools that were defined anew have made more organisations due.
        let due = self.due().await.map_err(problem)?;
        let worked = !due.is_empty();
        stream::iter(due)
            .for_each_concurrent(AT_ONCE, |(org, drifted)| {
                let platform = &platform;
                async move {
                    if let Err(problem) = self.attempt(org, drifted, platform).await {
                        problem.log();
                    }
                }
            })
            .await;
        Ok(worked)
    }

    /// One attempt for one organisation, unless another replica makes it.
    async fn attempt(
        &self,
        org: OrgId,
        drifted: bool,
        platform: &Result<Platform, String>,
    ) -> Result<(), Problem> {
        let tenant = Tenant::for_job(org, "agent-sync");
        let mut tx = OrgTx::begin(&self.pool, &tenant).await.map_err(problem)?;
        let claim = store::claim(&mut tx, drifted).await.map_err(problem)?;
        tx.commit().await.map_err(problem)?;
        let Some(claim) = claim else { return Ok(()) };
        let platform = match platform {
            Ok(platform) => platform,
            Err(cause) => return self.failed(&tenant, &claim, cause).await,
        };
        match self.bring(&tenant, &claim, platform).await {
            Ok(()) => self.succeeded(&tenant, &claim, platform).await,
            Err(Failure::Vapi(vapi::Error::Stopping)) => self.released(&tenant, &claim).await,
            Err(Failure::LeaseLost) => Ok(()),
            Err(Failure::Db(error)) => Err(problem(error)),
            Err(failure @ (Failure::Vapi(_) | Failure::NotKept(_))) => {
                self.failed(&tenant, &claim, &failure.to_string()).await
            }
        }
    }

    async fn due(&self) -> Result<Vec<(OrgId, bool)>, sqlx::Error> {
        let mut tx = self.system("find agents that are due").await?;
        let due = store::list_due(&mut tx, &self.toolbox.names()).await?;
        tx.commit().await?;
        Ok(due)
    }

    async fn has_agents(&self) -> Result<bool, sqlx::Error> {
        let mut tx = self.system("see whether any agent exists").await?;
        let exists = store::has_agents(&mut tx).await?;
        tx.commit().await?;
        Ok(exists)
    }

    pub(crate) async fn system(&self, reason: &'static str) -> Result<SystemTx, sqlx::Error> {
        SystemTx::begin(&self.pool, SERVICE, reason).await
    }
}

//! The loop that notes refusals.

use moka::sync::Cache;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use voxanne_pg::{Pool, SystemTx};
use voxanne_tenant::Tenant;

use super::{Refusal, Refusals, Whose};
use crate::{Error, accounts::store::list_orgs};

/// Everything that noting takes.
pub(crate) struct Writer {
    pool: Pool,
    waiting: mpsc::Receiver<Refusal>,
    told: Cache<String, ()>,
}

impl Writer {
    /// The writer, and what gives it something to write.
    pub(crate) fn new(pool: Pool) -> (Self, Refusals) {
        let (refusals, waiting) = Refusals::new();
        let told = refusals.told.clone();
        let writer = Self {
            pool,
            waiting,
            told,
        };
        (writer, refusals)
    }

    /// Writes one after the other until `shutdown`, and what still waits then.
    pub(crate) async fn run(mut self, shutdown: CancellationToken) {
        while let Some(Some(refusal)) = shutdown.run_until_cancelled(self.waiting.recv()).await {
            self.write(refusal).await;
        }
        self.waiting.close();
        while let Some(refusal) = self.waiting.recv().await {
            // A database that is away keeps nobody from stopping.
            if !self.write(refusal).await {
                break;
            }
        }
    }

    async fn write(&self, refusal: Refusal) -> bool {
        let noted = self.note(&refusal).await;
        if let Err(error) = &noted {
            let action = refusal.action;
            tracing::warn!(%error, action, "a refusal is missing in the audit log");
            self.told.invalidate(&refusal.mark());
        }
        noted.is_ok()
    }

    async fn note(&self, refusal: &Refusal) -> Result<(), Error> {
        let why = "whoever signs in may belong to several organisations";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let tenants = match &refusal.whose {
            Whose::Caller(tenant) => vec![(**tenant).clone()],
            Whose::Account { user, request_id } => {
                let orgs = list_orgs(&mut tx, *user).await?.into_iter();
                orgs.map(|org| Tenant::for_job(org, "sign-in").in_request(request_id))
                    .collect()
            }
        };
        for tenant in &tenants {
            tx.note(tenant, refusal.action, [refusal.record]);
        }
        tx.commit().await?;
        Ok(())
    }
}

//! Reading in the log: who did that, and who saw this patient.

use voxanne_audit::Entry;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Filter, store};
use crate::{Error, Identity, callers};

/// A page of the log.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) limit: u32,
    /// Number of the last entry of the page before.
    pub(crate) before: Option<i64>,
}

impl Identity {
    /// Entries that fit, newest first, and the last of them when more follow.
    #[tracing::instrument(name = "audit.list", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn list_audit(
        &self,
        tenant: &Tenant,
        filter: &Filter,
        page: &Page,
    ) -> Result<(Vec<Entry>, Option<i64>), Error> {
        callers::require(tenant, Permission::AuditRead)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let mut entries = store::list(&mut tx, filter, page).await?;
        // The question is told with its answer: whose trail was followed.
        tx.note("audit.read", filter.record);
        tx.commit().await?;
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let mut next = None;
        if entries.len() > limit {
            entries.truncate(limit);
            next = entries.last().map(|entry| entry.seq);
        }
        Ok((entries, next))
    }
}

//! Taking the log along, so that others can check it.

use voxanne_audit::{Entry, Head};
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Between, store};
use crate::{Error, Identity, callers};

/// An entry may name a thousand records, and an answer may have 4 MB.
const PAGE: u32 = 200;

/// Where in an export its reader is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) between: Between,
    /// Number of the last entry of the page before.
    pub(crate) after: i64,
    /// Where the log ended when the first page was read.
    pub(crate) head: Option<Head>,
}

/// Some entries in their order.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) entries: Vec<Entry>,
    pub(crate) head: Head,
    pub(crate) is_last: bool,
}

impl Identity {
    #[tracing::instrument(name = "audit.export", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn export_audit(&self, tenant: &Tenant, place: Place) -> Result<Part, Error> {
        callers::require(tenant, Permission::AuditRead)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let head = match place.head {
            Some(head) => head,
            None => store::load_head(&mut tx).await?,
        };
        let mut entries = store::list_after(&mut tx, &place, head.seq, PAGE + 1).await?;
        tx.note("audit.exported", []);
        tx.commit().await?;
        let page = PAGE as usize;
        let is_last = entries.len() <= page;
        entries.truncate(page);
        Ok(Part {
            entries,
            head,
            is_last,
        })
    }
}

//! Listing the members.

use voxanne_ids::UserId;
use voxanne_pg::OrgTx;
use voxanne_problem::{Problem, Violations};
use voxanne_tenant::{Permission, Tenant};

use super::{Shown, store};
use crate::{Error, Identity, callers};

const DEFAULT_LIMIT: u32 = 50;
const LARGEST_LIMIT: u32 = 200;

/// Which page is asked for.
pub(crate) struct Page {
    limit: u32,
    after: Option<UserId>,
}

impl Page {
    pub(crate) fn read(limit: u32, cursor: &str) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        if limit > LARGEST_LIMIT {
            bad.add("limit", "RANGE", "must be from 1 to 200");
        }
        let after = match cursor {
            "" => None,
            _ => bad.take("cursor", "CURSOR", cursor.parse::<UserId>()),
        };
        let limit = if limit == 0 { DEFAULT_LIMIT } else { limit };
        bad.finish(Some(Self { limit, after }))
    }
}

impl Identity {
    /// A page of the members, and the cursor of the next one.
    #[tracing::instrument(name = "member.list", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn list_members(
        &self,
        tenant: &Tenant,
        page: Page,
    ) -> Result<(Vec<Shown>, String), Error> {
        callers::require(tenant, Permission::MembersRead)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        // One more than fits tells whether there is a next page.
        let mut members = store::list(&mut tx, page.after, i64::from(page.limit) + 1).await?;
        tx.commit().await?;
        let limit = page.limit as usize;
        let more = members.len() > limit;
        members.truncate(limit);
        let last = members.last().filter(|_| more);
        let cursor = last.map(|last| last.user.to_string()).unwrap_or_default();
        Ok((members, cursor))
    }
}

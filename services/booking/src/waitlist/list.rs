//! The waitlist in the order of its ranks.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;
use voxanne_ids::{ServiceId, WaitlistEntryId};
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Entry, State, store};
use crate::{
    Desk, Error,
    page::{Key, Listed, Page},
};

/// Which entries are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) state: Option<State>,
    pub(crate) service: Option<ServiceId>,
    pub(crate) page: Page<Rank>,
}

/// Where an entry stands: fewer missed offers, then higher priority, then longer waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rank {
    pub(crate) missed: i32,
    pub(crate) priority: i32,
    /// Stored to the microsecond.
    pub(crate) queued_at: Timestamp,
    pub(crate) id: WaitlistEntryId,
}

impl Key for Rank {
    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.missed.to_be_bytes().to_vec();
        bytes.extend(self.priority.to_be_bytes());
        bytes.extend(self.queued_at.as_microsecond().to_be_bytes());
        bytes.extend(self.id.as_uuid().as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (missed, bytes) = bytes.split_first_chunk()?;
        let (priority, bytes) = bytes.split_first_chunk()?;
        let (queued_at, id) = bytes.split_first_chunk()?;
        let (missed, priority) = (i32::from_be_bytes(*missed), i32::from_be_bytes(*priority));
        let queued_at = Timestamp::from_microsecond(i64::from_be_bytes(*queued_at)).ok()?;
        // A cursor can be made up, and Postgres does not know every number and year that we do.
        let is_known = missed >= 0 && priority >= 0 && queued_at >= Timestamp::UNIX_EPOCH;
        is_known.then_some(())?;
        Some(Self {
            missed,
            priority,
            queued_at,
            id: WaitlistEntryId::from_uuid(Uuid::from_slice(id).ok()?),
        })
    }
}

impl Desk {
    pub(crate) async fn list_waitlist(
        &self,
        tenant: &Tenant,
        filter: Filter,
    ) -> Result<Listed<Entry>, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, &filter).await?;
        let listed = filter.page.cut(rows, |entry| Rank {
            missed: entry.missed,
            priority: entry.priority,
            queued_at: entry.queued_at,
            id: entry.id,
        });
        let shown: BTreeSet<_> = listed.items.iter().flat_map(Entry::records).collect();
        tx.note("waitlist.listed", shown);
        tx.commit().await?;
        Ok(listed)
    }
}

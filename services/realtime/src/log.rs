//! Reading the event log of one organisation, always whole and in order.

use voxanne_events::{
    Event,
    read::{self, Extent},
};
use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, Pool, SystemTx};
use voxanne_problem::{Kind, Problem};
use voxanne_tenant::Tenant;

/// The most events of one page.
pub(crate) const PAGE: u32 = 500;

/// The reading end of the log.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pool: Pool,
}

/// Events after a place in the log, and how far the log reached when they were read.
pub(crate) struct Page {
    pub(crate) events: Vec<Event>,
    pub(crate) newest: i64,
}

impl Log {
    pub(crate) const fn new(pool: Pool) -> Self {
        Self { pool }
    }

    pub(crate) async fn extent(&self, tenant: &Tenant) -> Result<Extent, Problem> {
        let load = async {
            let mut tx = OrgTx::begin(&self.pool, tenant).await?;
            let extent = read::load_extent(&mut tx).await?;
            tx.commit().await?;
            Ok(extent)
        };
        load.await.map_err(voxanne_pg::problem)
    }

    /// At most `limit` events after `after`; refuses where one of them is missing.
    pub(crate) async fn page(
        &self,
        tenant: &Tenant,
        after: i64,
        limit: u32,
    ) -> Result<Page, Problem> {
        let load = async {
            let mut tx = OrgTx::begin(&self.pool, tenant).await?;
            let extent = read::load_extent(&mut tx).await?;
            let events = read::list_after(&mut tx, after, limit).await?;
            tx.commit().await?;
            Ok((extent, events))
        };
        let (extent, events) = load.await.map_err(voxanne_pg::problem)?;
        // The log may have been cut between the two statements, so the page itself is looked at.
        let follows = events.first().is_none_or(|first| first.seq - 1 == after);
        if !extent.reaches_back_to(after) || !follows {
            return Err(gone());
        }
        let newest = events
            .last()
            .map_or(extent.newest, |event| event.seq.max(extent.newest));
        Ok(Page { events, newest })
    }

    /// The number of the newest event of each of `orgs` that has any.
    pub(crate) async fn heads(&self, orgs: &[OrgId]) -> Result<Vec<(OrgId, i64)>, Problem> {
        let load = async {
            let mut tx =
                SystemTx::begin(&self.pool, "realtime", "find logs that have grown").await?;
            let heads = read::load_heads(&mut tx, orgs).await?;
            tx.commit().await?;
            Ok(heads)
        };
        load.await.map_err(voxanne_pg::problem)
    }
}

/// The reason of a reader that cannot go on without a gap.
pub(crate) const EVENTS_GONE: &str = "EVENTS_GONE";

pub(crate) fn gone() -> Problem {
    Problem::new(
        Kind::Unprocessable,
        EVENTS_GONE,
        "the events after this number are not kept, read the lists anew",
    )
}

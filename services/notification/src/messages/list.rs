//! Lists an organisation's messages, newest first.

use std::collections::BTreeSet;

use voxanne_ids::{BookingId, MessageId};
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use super::{Message, store};
use crate::Notification;

pub(crate) const PAGE: u32 = 50;
pub(crate) const WIDEST_PAGE: u32 = 200;

/// Which messages are wanted.
pub(crate) struct Page {
    pub(crate) limit: u32,
    /// The last message of the page before.
    pub(crate) before: Option<MessageId>,
    pub(crate) booking: Option<BookingId>,
}

impl Notification {
    /// The messages of a page, and the last of them when more follow.
    pub(crate) async fn list(
        &self,
        tenant: &Tenant,
        page: Page,
    ) -> Result<(Vec<Message>, Option<MessageId>), Problem> {
        let mut tx = OrgTx::begin(&self.pool, tenant)
            .await
            .map_err(voxanne_pg::problem)?;
        let mut found = store::list(&mut tx, page.before, page.booking, page.limit + 1).await?;
        let mut next = None;
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        if found.len() > limit {
            found.truncate(limit);
            next = found.last().map(|message| message.id);
        }
        let shown: BTreeSet<_> = found.iter().flat_map(Message::records).collect();
        tx.note("message.listed", shown);
        tx.commit().await.map_err(voxanne_pg::problem)?;
        Ok((found, next))
    }
}

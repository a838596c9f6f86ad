//! Moving records outside the organisations on to the newest of `VAULT_KEYS`.

use uuid::Uuid;
use voxanne_pg::{Pool, SystemTx};

use super::{
    Row, Sealing,
    store::{self, Column},
};
use crate::{Error, data_keys::rewrap::Batch};

impl Sealing {
    /// Looks at the next `size` records of `column` after `position`; nothing when there are none
    /// left. One that changes meanwhile is left alone.
    pub(crate) async fn rewrap_some(
        &self,
        pool: &Pool,
        column: &Column,
        position: &mut Option<Uuid>,
        size: u32,
    ) -> Result<Option<Batch>, Error> {
        let why = "everybody's secrets move on to the new key";
        let mut tx = SystemTx::begin(pool, "identity", why).await?;
        let page = store::list(&mut tx, column, *position, size).await?;
        tx.commit().await?;
        let Some((last, _)) = page.last() else {
            return Ok(None);
        };
        *position = Some(*last);
        let mut batch = Batch::default();
        let mut pairs = Vec::new();
        for (id, stale) in &page {
            let row = Row {
                id: *id,
                table: column.table,
                column: column.column,
            };
            match self.rewrap(row, stale).await {
                Ok(Some(fresh)) => pairs.push((id, stale, fresh)),
                Ok(None) => {}
                // The others must not wait for one record that cannot be helped from here.
                Err(error) => {
                    batch.failed += 1;
                    tracing::error!(%error, table = column.table, "a record does not open");
                }
            }
        }
        let mut tx = SystemTx::begin(pool, "identity", why).await?;
        for (id, stale, fresh) in pairs {
            batch.done += store::replace(&mut tx, column, *id, (stale, &fresh)).await?;
        }
        tx.commit().await?;
        Ok(Some(batch))
    }
}

//! Every statement about blocked times.

use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_ids::{BlockId, ProviderId, RoomId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;

use super::{Block, Blocked, Whose};
use crate::{
    Error,
    availability::Span,
    error::{What, violates},
    page::Page,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: BlockId,
    provider_id: Option<ProviderId>,
    room_id: Option<RoomId>,
    starts_at: jiff_sqlx::Timestamp,
    ends_at: jiff_sqlx::Timestamp,
    reason: Private<String>,
}

pub(crate) async fn insert(tx: &mut OrgTx, block: &Block) -> Result<(), Error> {
    let time = &block.time;
    sqlx::query(
        "INSERT INTO booking.block
           (org_id, id, provider_id, room_id, starts_at, ends_at, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tx.org())
    .bind(block.id)
    .bind(time.whose.provider())
    .bind(time.whose.room())
    .bind(time.span.from.to_sqlx())
    .bind(time.span.to.to_sqlx())
    .bind(&time.reason)
    .execute(&mut **tx)
    .await
    .map_err(|error| {
        if violates(&error, "block_provider_fkey") {
            Error::NotFound(What::Provider)
        } else if violates(&error, "block_room_fkey") {
            Error::NotFound(What::Room)
        } else {
            error.into()
        }
    })?;
    Ok(())
}

pub(crate) async fn list(tx: &mut OrgTx, page: &Page<Uuid>) -> Result<Vec<Block>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, provider_id, room_id, starts_at, ends_at, reason FROM booking.block
         WHERE org_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
    )
    .bind(tx.org())
    .bind(page.after)
    .bind(page.rows())
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Deletes the block; `false` when there is none.
pub(crate) async fn delete(tx: &mut OrgTx, id: BlockId) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query("DELETE FROM booking.block WHERE org_id = $1 AND id = $2")
        .bind(tx.org())
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(deleted.rows_affected() > 0)
}

impl Row {
    fn read(self) -> Result<Block, Error> {
        let whose = match (self.provider_id, self.room_id) {
            (Some(provider), None) => Whose::Provider(provider),
            (None, Some(room)) => Whose::Room(room),
            _ => return Err(Error::Unreadable("block")),
        };
        Ok(Block {
            id: self.id,
            time: Blocked {
                whose,
                span: Span {
                    from: self.starts_at.to_jiff(),
                    to: self.ends_at.to_jiff(),
                },
                reason: self.reason,
            },
        })
    }
}

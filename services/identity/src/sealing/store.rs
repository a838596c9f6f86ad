//! Where records outside the organisations are kept, and every statement about them.

use uuid::Uuid;
use voxanne_pg::SystemTx;

use crate::data_keys::check::InUse;

/// A column of such records. The key's name stands in front of each, behind its length.
pub(crate) struct Column {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    list: &'static str,
    replace: &'static str,
    count: &'static str,
}

/// All there are: a key is only dropped when none of them needs it any more.
pub(crate) const COLUMNS: [Column; 2] = [
    Column {
        table: "mail",
        column: "sealed",
        list: "SELECT id, sealed FROM identity.mail
           WHERE sealed IS NOT NULL AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2",
        replace: "UPDATE identity.mail SET sealed = $3 WHERE id = $1 AND sealed = $2",
        count: "SELECT encode(substring(sealed FROM 3 FOR get_byte(sealed, 1)), 'escape'), count(*)
            FROM identity.mail WHERE length(sealed) > 2 GROUP BY 1",
    },
    Column {
        table: "second_factor",
        column: "sealed",
        list: "SELECT user_id, sealed FROM identity.second_factor
           WHERE $1::uuid IS NULL OR user_id > $1 ORDER BY user_id LIMIT $2",
        replace: "UPDATE identity.second_factor SET sealed = $3 WHERE user_id = $1 AND sealed = $2",
        count: "SELECT encode(substring(sealed FROM 3 FOR get_byte(sealed, 1)), 'escape'), count(*)
            FROM identity.second_factor WHERE length(sealed) > 2 GROUP BY 1",
    },
];

pub(super) async fn list(
    tx: &mut SystemTx,
    column: &Column,
    after: Option<Uuid>,
    size: u32,
) -> Result<Vec<(Uuid, Vec<u8>)>, sqlx::Error> {
    let list = sqlx::query_as(column.list)
        .bind(after)
        .bind(i64::from(size));
    list.fetch_all(&mut **tx).await
}

/// Stores `fresh` where `stale` still is; returns how many rows that were.
pub(super) async fn replace(
    tx: &mut SystemTx,
    column: &Column,
    id: Uuid,
    (stale, fresh): (&[u8], &[u8]),
) -> Result<u64, sqlx::Error> {
    let replace = sqlx::query(column.replace).bind(id).bind(stale).bind(fresh);
    Ok(replace.execute(&mut **tx).await?.rows_affected())
}

/// Adds how many records need each key.
pub(crate) async fn count_by_key(tx: &mut SystemTx, in_use: &mut InUse) -> Result<(), sqlx::Error> {
    for column in &COLUMNS {
        let rows: Vec<(String, i64)> = sqlx::query_as(column.count).fetch_all(&mut **tx).await?;
        for (id, count) in rows {
            *in_use.entry(id).or_default() += count.unsigned_abs();
        }
    }
    Ok(())
}

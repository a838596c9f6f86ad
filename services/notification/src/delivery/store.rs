//! The SQL of finding and leasing what is due.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use voxanne_ids::{MessageId, OrgId};
use voxanne_pg::{OrgTx, Pool, SystemTx};
use voxanne_privacy::Private;
use voxanne_problem::Problem;

use crate::messages::{Message, store::Row};

/// Organisations looked at in one round.
const ORGS: i64 = 200;

/// Organisations with a message that is due, in no particular order.
pub(super) async fn find_due_orgs(pool: &Pool, now: Timestamp) -> Result<Vec<OrgId>, Problem> {
    let load = async {
        let mut tx =
            SystemTx::begin(pool, "notification", "find organisations with due messages").await?;
        let orgs = sqlx::query_scalar(
            "SELECT org_id FROM notification.message
             WHERE state IN ('queued', 'sending', 'unknown') AND run_at <= $1
             GROUP BY org_id ORDER BY random() LIMIT $2",
        )
        .bind(now.to_sqlx())
        .bind(ORGS)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(orgs)
    };
    let found: Result<_, sqlx::Error> = load.await;
    found.map_err(voxanne_pg::problem)
}

/// Leases up to `limit` due messages until `lease_end`, the longest due first. A message whose
/// sender let its own lease run out becomes unknown.
pub(super) async fn lease(
    tx: &mut OrgTx,
    now: Timestamp,
    lease_end: Timestamp,
    limit: i64,
) -> Result<Vec<Message>, Problem> {
    // Not a subquery of the UPDATE: Postgres may run that once for each row, and lease more than asked.
    let rows: Vec<Row> = sqlx::query_as(
        "WITH due AS MATERIALIZED (
           SELECT id FROM notification.message
           WHERE org_id = $1 AND state IN ('queued', 'sending', 'unknown') AND run_at <= $2
           ORDER BY run_at LIMIT $4 FOR UPDATE SKIP LOCKED
         )
         UPDATE notification.message AS message SET run_at = $3,
           state = CASE state WHEN 'sending' THEN 'unknown' ELSE state END,
           cause = CASE state WHEN 'sending' THEN $5 ELSE cause END
         FROM due WHERE message.org_id = $1 AND message.id = due.id
         RETURNING message.*",
    )
    .bind(tx.org())
    .bind(now.to_sqlx())
    .bind(lease_end.to_sqlx())
    .bind(limit)
    .bind(super::record::UNKNOWN)
    .fetch_all(&mut **tx)
    .await
    .map_err(voxanne_pg::problem)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Why a text must not go to a number, or not now.
#[derive(sqlx::FromRow)]
pub(super) struct Hindrance {
    /// Its owner does not want texts.
    pub(super) opted_out: bool,
    /// Another message to it is being sent or unknown, or was queued before this one: nobody gets a
    /// clinic's texts out of order.
    pub(super) busy: bool,
}

/// What is in the way of message `id` to `phone`.
pub(super) async fn hindrance(
    tx: &mut OrgTx,
    phone: &Private<String>,
    id: MessageId,
) -> Result<Hindrance, Problem> {
    sqlx::query_as(
        "SELECT EXISTS (SELECT FROM notification.opt_out
           WHERE org_id = $1 AND phone = $2) AS opted_out,
         EXISTS (SELECT FROM notification.message
           WHERE org_id = $1 AND to_number = $2 AND id <> $3 AND state IN ('sending', 'unknown'))
         OR EXISTS (SELECT FROM notification.message
           WHERE org_id = $1 AND to_number = $2 AND to_number <> '' AND id < $3
             AND state = 'queued') AS busy",
    )
    .bind(tx.org())
    .bind(phone)
    .bind(id)
    .fetch_one(&mut **tx)
    .await
    .map_err(voxanne_pg::problem)
}

/// Those of `sids` that belong to other messages of the organisation.
pub(super) async fn taken_sids(tx: &mut OrgTx, sids: &[String]) -> Result<Vec<String>, Problem> {
    sqlx::query_scalar("SELECT sid FROM notification.message WHERE org_id = $1 AND sid = ANY ($2)")
        .bind(tx.org())
        .bind(sids)
        .fetch_all(&mut **tx)
        .await
        .map_err(voxanne_pg::problem)
}

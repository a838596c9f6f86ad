//! Every statement about queued mails.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use voxanne_ids::MailId;
use voxanne_pg::SystemTx;

/// Mails tried at the same time; more would be a burst to a server that is asked politely.
const AT_ONCE: i64 = 4;
/// Longer than one try may take, so that nobody tries what another one is trying.
const LEASE: SignedDuration = SignedDuration::from_secs(90);
/// Rows that one statement clears away.
const CLEARED_AT_ONCE: i64 = 1000;
/// Beyond it, how many wait makes no difference.
const COUNTED: i32 = 10_000;

/// A mail that this process may try until its lease ends.
#[derive(sqlx::FromRow)]
pub(super) struct Leased {
    pub(super) id: MailId,
    pub(super) kind: String,
    pub(super) sealed: Vec<u8>,
    /// This try included.
    pub(super) attempts: i32,
}

pub(super) async fn insert(
    tx: &mut PgConnection,
    (id, kind): (MailId, &str),
    sealed: &[u8],
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO identity.mail (id, kind, sealed, queued_at, due_at, expires_at)
         VALUES ($1, $2, $3, $4, $4, $5)",
    )
    .bind(id)
    .bind(kind)
    .bind(sealed)
    .bind(now.to_sqlx())
    .bind(expires_at.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// Settles what was not sent in time and is not being sent; returns the kinds.
pub(super) async fn expire(tx: &mut SystemTx, now: Timestamp) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "WITH late AS MATERIALIZED (
           SELECT id FROM identity.mail
           WHERE state = 'queued' AND expires_at <= $1 AND due_at <= $1
           LIMIT $2 FOR UPDATE SKIP LOCKED
         )
         UPDATE identity.mail SET state = 'expired', sealed = NULL, settled_at = $1
         FROM late WHERE mail.id = late.id RETURNING kind",
    )
    .bind(now.to_sqlx())
    .bind(CLEARED_AT_ONCE)
    .fetch_all(&mut **tx)
    .await
}

pub(super) async fn count_queued(tx: &mut SystemTx) -> Result<f64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT count(*)::float8 FROM (
           SELECT FROM identity.mail WHERE state = 'queued' LIMIT $1
         ) AS queued",
    )
    .bind(COUNTED)
    .fetch_one(&mut **tx)
    .await
}

/// Whether so many mails wait that a request from outside must not add one.
pub(crate) async fn is_full(tx: &mut SystemTx) -> Result<bool, sqlx::Error> {
    Ok(count_queued(tx).await? >= f64::from(COUNTED))
}

pub(super) async fn lease(tx: &mut SystemTx, now: Timestamp) -> Result<Vec<Leased>, sqlx::Error> {
    // Not a subquery of the UPDATE: Postgres may run that once for each row, and lease more than asked.
    sqlx::query_as(
        "WITH due AS MATERIALIZED (
           SELECT id FROM identity.mail
           WHERE state = 'queued' AND due_at <= $1
           ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
         )
         UPDATE identity.mail SET due_at = $2, attempts = attempts + 1
         FROM due WHERE mail.id = due.id RETURNING mail.id, kind, sealed, attempts",
    )
    .bind(now.to_sqlx())
    .bind((now + LEASE).to_sqlx())
    .bind(AT_ONCE)
    .fetch_all(&mut **tx)
    .await
}

pub(super) async fn update_sealed(
    tx: &mut SystemTx,
    leased: &Leased,
    sealed: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE identity.mail SET sealed = $2 WHERE id = $1 AND state = 'queued'")
        .bind(leased.id)
        .bind(sealed)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Ends the lease early. A mail that somebody else tries again meanwhile stays theirs.
pub(super) async fn put_off(
    tx: &mut SystemTx,
    leased: &Leased,
    due_at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE identity.mail SET due_at = $3
         WHERE id = $1 AND attempts = $2 AND state = 'queued'",
    )
    .bind(leased.id)
    .bind(leased.attempts)
    .bind(due_at.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes down what became of a mail and forgets what it said.
pub(super) async fn settle(
    tx: &mut SystemTx,
    leased: &Leased,
    state: &str,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE identity.mail SET state = $2, sealed = NULL, settled_at = $3
         WHERE id = $1 AND state = 'queued'",
    )
    .bind(leased.id)
    .bind(state)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn delete_settled(
    tx: &mut SystemTx,
    before: Timestamp,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query(
        "DELETE FROM identity.mail WHERE id IN (
           SELECT id FROM identity.mail WHERE state <> 'queued' AND settled_at < $1 LIMIT $2
         )",
    )
    .bind(before.to_sqlx())
    .bind(CLEARED_AT_ONCE)
    .execute(&mut **tx)
    .await?;
    Ok(deleted.rows_affected())
}

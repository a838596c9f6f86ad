//! Every statement about links.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use voxanne_ids::UserId;
use voxanne_pg::SystemTx;

use super::Purpose;

pub(super) async fn insert(
    tx: &mut PgConnection,
    hash: &[u8; 32],
    (user, purpose): (UserId, Purpose),
    (issued_at, expires_at): (Timestamp, Timestamp),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO identity.account_link (hash, user_id, purpose, issued_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(hash.as_slice())
    .bind(user)
    .bind(purpose.as_str())
    .bind(issued_at.to_sqlx())
    .bind(expires_at.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// The user with this address; nobody else counts or makes links for them meanwhile.
pub(super) async fn lock_user(
    tx: &mut SystemTx,
    email: &str,
) -> Result<Option<UserId>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM identity.user_account WHERE email = $1 FOR UPDATE")
        .bind(email)
        .fetch_optional(&mut **tx)
        .await
}

pub(crate) async fn count_since(
    tx: &mut SystemTx,
    user: UserId,
    purpose: Purpose,
    since: Timestamp,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT count(*) FROM identity.account_link
         WHERE user_id = $1 AND purpose = $2 AND issued_at > $3",
    )
    .bind(user)
    .bind(purpose.as_str())
    .bind(since.to_sqlx())
    .fetch_one(&mut **tx)
    .await
}

pub(super) async fn load(
    tx: &mut SystemTx,
    hash: &[u8; 32],
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<UserId>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT user_id FROM identity.account_link
         WHERE hash = $1 AND purpose = $2 AND expires_at > $3",
    )
    .bind(hash.as_slice())
    .bind(purpose.as_str())
    .bind(now.to_sqlx())
    .fetch_optional(&mut **tx)
    .await
}

/// Of two who use one link at the same time, one is given its user.
pub(super) async fn delete(
    tx: &mut SystemTx,
    hash: &[u8; 32],
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<UserId>, sqlx::Error> {
    sqlx::query_scalar(
        "DELETE FROM identity.account_link
         WHERE hash = $1 AND purpose = $2 AND expires_at > $3
         RETURNING user_id",
    )
    .bind(hash.as_slice())
    .bind(purpose.as_str())
    .bind(now.to_sqlx())
    .fetch_optional(&mut **tx)
    .await
}

/// Ends every other link of this purpose that the user was sent.
pub(crate) async fn delete_of(
    tx: &mut SystemTx,
    user: UserId,
    purpose: Purpose,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM identity.account_link WHERE user_id = $1 AND purpose = $2")
        .bind(user)
        .bind(purpose.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn delete_expired(tx: &mut SystemTx, now: Timestamp) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query(
        "DELETE FROM identity.account_link WHERE hash IN (
           SELECT hash FROM identity.account_link WHERE expires_at <= $1 LIMIT 1000
         )",
    )
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(deleted.rows_affected())
}

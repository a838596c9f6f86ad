//! Every statement about second factors, recovery codes and challenges.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use voxanne_ids::UserId;
use voxanne_pg::SystemTx;
use voxanne_privacy::Private;

use super::Tries;

/// What is stored of one.
pub(super) struct Stored {
    pub(super) sealed: Vec<u8>,
    pub(super) last_step: i64,
    pub(super) tries: Tries,
}

pub(super) async fn lock(tx: &mut SystemTx, user: UserId) -> Result<Option<Stored>, sqlx::Error> {
    let found: Option<(Vec<u8>, i64, i32, Option<At>)> = sqlx::query_as(
        "SELECT sealed, last_step, failures, failing_since FROM identity.second_factor
         WHERE user_id = $1 FOR UPDATE",
    )
    .bind(user)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.map(|(sealed, last_step, failures, since)| Stored {
        sealed,
        last_step,
        tries: Tries {
            failures,
            since: since.map(At::to_jiff),
        },
    }))
}

/// Whether sign-in asks for a code; nobody changes that until the commit.
pub(super) async fn lock_is_on(tx: &mut SystemTx, user: UserId) -> Result<bool, sqlx::Error> {
    let found: Option<bool> = sqlx::query_scalar(
        "SELECT second_factor_at IS NOT NULL FROM identity.user_account WHERE id = $1 FOR UPDATE",
    )
    .bind(user)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.unwrap_or_default())
}

/// Gives the address that the user is told at.
pub(super) async fn update_on(
    tx: &mut SystemTx,
    user: UserId,
    since: Option<Timestamp>,
) -> Result<Private<String>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE identity.user_account SET second_factor_at = $2 WHERE id = $1 RETURNING email",
    )
    .bind(user)
    .bind(since.map(|since| since.to_sqlx()))
    .fetch_one(&mut **tx)
    .await
}

/// Wrong codes stay counted, so that beginning anew buys no further tries.
pub(super) async fn replace(
    tx: &mut SystemTx,
    user: UserId,
    sealed: &[u8],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO identity.second_factor (user_id, sealed, started_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE
         SET sealed = excluded.sealed, started_at = excluded.started_at, last_step = 0",
    )
    .bind(user)
    .bind(sealed)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn update_accepted(
    tx: &mut SystemTx,
    user: UserId,
    step: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE identity.second_factor SET last_step = $2, failures = 0, failing_since = NULL
         WHERE user_id = $1",
    )
    .bind(user)
    .bind(step)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn update_tries(
    tx: &mut SystemTx,
    user: UserId,
    tries: Tries,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE identity.second_factor SET failures = $2, failing_since = $3 WHERE user_id = $1",
    )
    .bind(user)
    .bind(tries.failures)
    .bind(tries.since.map(|since| since.to_sqlx()))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut SystemTx, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM identity.second_factor WHERE user_id = $1")
        .bind(user)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn insert_recovery_code(
    tx: &mut SystemTx,
    user: UserId,
    hash: &[u8; 32],
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO identity.recovery_code (user_id, hash) VALUES ($1, $2)")
        .bind(user)
        .bind(hash.as_slice())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether there was such a code.
pub(super) async fn delete_recovery_code(
    tx: &mut SystemTx,
    user: UserId,
    hash: &[u8; 32],
) -> Result<bool, sqlx::Error> {
    let deleted =
        sqlx::query("DELETE FROM identity.recovery_code WHERE user_id = $1 AND hash = $2")
            .bind(user)
            .bind(hash.as_slice())
            .execute(&mut **tx)
            .await?;
    Ok(deleted.rows_affected() > 0)
}

/// Adds a challenge and forgets the user's oldest ones beyond a few.
pub(super) async fn insert_challenge(
    tx: &mut SystemTx,
    hash: &[u8; 32],
    user: UserId,
    expires_at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM identity.login_challenge WHERE hash IN (
           SELECT hash FROM identity.login_challenge WHERE user_id = $1
           ORDER BY expires_at DESC OFFSET 9
         )",
    )
    .bind(user)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO identity.login_challenge (hash, user_id, expires_at) VALUES ($1, $2, $3)",
    )
    .bind(hash.as_slice())
    .bind(user)
    .bind(expires_at.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The user of a challenge that still waits.
pub(super) async fn find_challenge(
    tx: &mut SystemTx,
    hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<UserId>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT user_id FROM identity.login_challenge WHERE hash = $1 AND expires_at > $2",
    )
    .bind(hash.as_slice())
    .bind(now.to_sqlx())
    .fetch_optional(&mut **tx)
    .await
}

/// How many codes were wrong, unless the challenge is over by now.
pub(super) async fn lock_challenge(
    tx: &mut SystemTx,
    hash: &[u8; 32],
) -> Result<Option<i32>, sqlx::Error> {
    sqlx::query_scalar("SELECT failures FROM identity.login_challenge WHERE hash = $1 FOR UPDATE")
        .bind(hash.as_slice())
        .fetch_optional(&mut **tx)
        .await
}

pub(super) async fn update_challenge_failed(
    tx: &mut SystemTx,
    hash: &[u8; 32],
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE identity.login_challenge SET failures = failures + 1 WHERE hash = $1")
        .bind(hash.as_slice())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn delete_challenge(
    tx: &mut SystemTx,
    hash: &[u8; 32],
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM identity.login_challenge WHERE hash = $1")
        .bind(hash.as_slice())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn delete_challenges(tx: &mut SystemTx, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM identity.login_challenge WHERE user_id = $1")
        .bind(user)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn delete_expired_challenges(
    tx: &mut SystemTx,
    now: At,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query(
        "DELETE FROM identity.login_challenge WHERE hash IN (
           SELECT hash FROM identity.login_challenge WHERE expires_at <= $1 LIMIT 1000
         )",
    )
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(deleted.rows_affected())
}

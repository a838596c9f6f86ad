//! The authority: a key's record is written in the transaction that does the work.
//!
//! There is no "in progress" row on disk. A second request with the same key waits on the first
//! one's uncommitted row; when that commits it replays, when it rolls back it does the work itself.

use voxanne_pg::OrgTx;
use voxanne_problem::{Kind, Problem};

use crate::KeyedRequest;

/// Which share of new keys takes old ones along, and how many: more than one each on average, so that
/// the table stays as large as a week's keys without anybody to sweep it.
const ONE_IN: u8 = 16;
const OLD_KEYS: i64 = 160;

/// What a key stands for in this transaction.
#[derive(Debug)]
pub enum Claim {
    /// Do the work, then [`keep`] its outcome before committing.
    New,
    /// The encoded outcome of the first request.
    Replay(Vec<u8>),
}

/// Claims `keyed` for `operation`. A record older than 7 days counts as none.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED` when the key came with another request before, and
/// `IDEMPOTENCY_IN_PROGRESS` when the first request is still running after the 3 s that a transaction
/// waits for a lock; then it can only be rolled back.
pub async fn claim(
    tx: &mut OrgTx,
    operation: &str,
    keyed: &KeyedRequest,
) -> Result<Claim, Problem> {
    if insert(tx, operation, keyed).await.map_err(in_progress)? {
        if keyed.fingerprint.as_bytes()[0].is_multiple_of(ONE_IN) {
            forget_some(tx).await.map_err(voxanne_pg::problem)?;
        }
        return Ok(Claim::New);
    }
    let (fingerprint, outcome): (Vec<u8>, Vec<u8>) = sqlx::query_as(
        "SELECT fingerprint, outcome FROM idempotency.record
         WHERE org_id = $1 AND operation = $2 AND key = $3",
    )
    .bind(tx.org())
    .bind(operation)
    .bind(keyed.key.as_str())
    .fetch_one(&mut **tx)
    .await
    .map_err(voxanne_pg::problem)?;
    if fingerprint != keyed.fingerprint.as_bytes() {
        return Err(reused());
    }
    Ok(Claim::Replay(outcome))
}

/// Stores the encoded outcome of a claimed key.
pub async fn keep(
    tx: &mut OrgTx,
    operation: &str,
    keyed: &KeyedRequest,
    outcome: &[u8],
) -> Result<(), Problem> {
    sqlx::query(
        "UPDATE idempotency.record SET outcome = $4
         WHERE org_id = $1 AND operation = $2 AND key = $3",
    )
    .bind(tx.org())
    .bind(operation)
    .bind(keyed.key.as_str())
    .bind(outcome)
    .execute(&mut **tx)
    .await
    .map_err(voxanne_pg::problem)?;
    Ok(())
}

/// The problem of a key that came with another request before.
pub fn reused() -> Problem {
    Problem::new(
        Kind::Unprocessable,
        "IDEMPOTENCY_KEY_REUSED",
        "this idempotency key was used for another request",
    )
}

async fn insert(
    tx: &mut OrgTx,
    operation: &str,
    keyed: &KeyedRequest,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query(
        "INSERT INTO idempotency.record AS old (org_id, operation, key, fingerprint, outcome)
         VALUES ($1, $2, $3, $4, '')
         ON CONFLICT (org_id, operation, key) DO UPDATE
           SET fingerprint = excluded.fingerprint, outcome = '', created_at = now()
           WHERE old.created_at < now() - interval '7 days'",
    )
    .bind(tx.org())
    .bind(operation)
    .bind(keyed.key.as_str())
    .bind(&keyed.fingerprint.as_bytes()[..])
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Takes old keys away. Rows another transaction is at are left to that one.
async fn forget_some(tx: &mut OrgTx) -> Result<(), sqlx::Error> {
    sqlx::query(
        "WITH old AS MATERIALIZED (
           SELECT operation, key FROM idempotency.record
           WHERE org_id = $1 AND created_at < now() - interval '7 days'
           ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
         )
         DELETE FROM idempotency.record USING old
         WHERE org_id = $1 AND record.operation = old.operation AND record.key = old.key",
    )
    .bind(tx.org())
    .bind(OLD_KEYS)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn in_progress(error: sqlx::Error) -> Problem {
    let code = error.as_database_error().and_then(|db| db.code());
    // 55P03 lock_not_available
    if code.as_deref() == Some("55P03") {
        return still_running();
    }
    voxanne_pg::problem(error)
}

/// The problem of a repetition that came while the first request was still running.
pub fn still_running() -> Problem {
    Problem::new(
        Kind::Conflict,
        "IDEMPOTENCY_IN_PROGRESS",
        "the first request with this idempotency key is still running",
    )
    .retry_after(std::time::Duration::from_secs(1))
}

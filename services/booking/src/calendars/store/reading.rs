//! How far a calendar has been read.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use uuid::Uuid;
use voxanne_ids::{OrgId, ProviderId};
use voxanne_pg::{OrgTx, Pool, SystemTx};

use super::super::Connection;

/// Where the reading of a calendar stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Changes go on from here; none while everything is read.
    pub(crate) sync_token: Option<String>,
    /// Where an interrupted reading of everything goes on.
    pub(crate) page_token: Option<String>,
    pub(crate) sweep: i64,
    pub(crate) swept_at: Option<Timestamp>,
    /// When the reading of everything that is under way began.
    pub(crate) sweeping_since: Option<Timestamp>,
    pub(crate) failures: i32,
    pub(crate) channel_until: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    sync_token: Option<String>,
    page_token: Option<String>,
    sweep: i64,
    swept_at: Option<At>,
    sweeping_since: Option<At>,
    failures: i32,
    channel_until: Option<At>,
}

impl From<Row> for Reading {
    fn from(row: Row) -> Self {
        Self {
            sync_token: row.sync_token,
            page_token: row.page_token,
            sweep: row.sweep,
            swept_at: row.swept_at.map(At::to_jiff),
            sweeping_since: row.sweeping_since.map(At::to_jiff),
            failures: row.failures,
            channel_until: row.channel_until.map(At::to_jiff),
        }
    }
}

/// Holds the calendar still; none when it is connected anew, not well, or gone.
pub(crate) async fn lock(
    tx: &mut OrgTx,
    connection: Connection,
) -> Result<Option<Reading>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT sync_token, page_token, sweep, swept_at, sweeping_since, failures, channel_until
         FROM booking.calendar
         WHERE org_id = $1 AND provider_id = $2 AND connection = $3 AND state = 'connected'
         FOR NO KEY UPDATE",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(connection.id)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(Into::into))
}

/// Saves where the reading stands, and holds the lease for longer.
pub(crate) async fn save(
    tx: &mut OrgTx,
    connection: Connection,
    reading: &Reading,
    leased_until: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.calendar SET sync_token = $3, page_token = $4, sweep = $5, swept_at = $6,
           sweeping_since = $7, leased_until = $8
         WHERE org_id = $1 AND provider_id = $2",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(&reading.sync_token)
    .bind(&reading.page_token)
    .bind(reading.sweep)
    .bind(reading.swept_at.map(|at| at.to_sqlx()))
    .bind(reading.sweeping_since.map(|at| at.to_sqlx()))
    .bind(leased_until.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Everything up to `synced_at` is known. Whoever rang meanwhile has the calendar read again at once.
pub(crate) async fn finish(
    tx: &mut OrgTx,
    connection: Connection,
    (synced_at, now, next): (Timestamp, Timestamp, Timestamp),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.calendar SET synced_at = $3, leased_until = NULL, failures = 0, cause = '',
           run_at = CASE WHEN rung THEN $4 ELSE $5 END
         WHERE org_id = $1 AND provider_id = $2",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(synced_at.to_sqlx())
    .bind(now.to_sqlx())
    .bind(next.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Lets go of the calendar until `next`; what was read stays as it was.
pub(crate) async fn put_off(
    tx: &mut OrgTx,
    connection: Connection,
    (failures, cause): (i32, &str),
    next: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.calendar SET leased_until = NULL, failures = $3, cause = $4, run_at = $5
         WHERE org_id = $1 AND provider_id = $2",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(failures)
    .bind(cause)
    .bind(next.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A channel that Google rings with.
pub(crate) struct Channel {
    pub(crate) id: Uuid,
    pub(crate) token_hash: Vec<u8>,
    pub(crate) resource: String,
}

/// Stores the channel in the place of another, or none with a time at which to ask again; gives the
/// one before.
pub(crate) async fn set_channel(
    tx: &mut OrgTx,
    connection: Connection,
    channel: Option<&Channel>,
    until: Timestamp,
) -> Result<Option<(Uuid, String)>, sqlx::Error> {
    let before: Option<(Option<Uuid>, Option<String>)> = sqlx::query_as(
        "SELECT channel_id, channel_resource FROM booking.calendar
         WHERE org_id = $1 AND provider_id = $2 AND connection = $3 FOR NO KEY UPDATE",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(connection.id)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(before) = before else {
        return Ok(None);
    };
    sqlx::query(
        "UPDATE booking.calendar SET channel_id = $3, channel_hash = $4, channel_resource = $5,
           channel_until = $6
         WHERE org_id = $1 AND provider_id = $2",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(channel.map(|one| one.id))
    .bind(channel.map(|one| &one.token_hash))
    .bind(channel.map(|one| &one.resource))
    .bind(until.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(before.0.zip(before.1))
}

/// Whose channel it is.
pub(crate) async fn find_channel(
    pool: &Pool,
    channel: Uuid,
) -> Result<Option<(OrgId, ProviderId)>, sqlx::Error> {
    let mut tx = SystemTx::begin(pool, "booking", "a channel names no organisation").await?;
    let found =
        sqlx::query_as("SELECT org_id, provider_id FROM booking.calendar WHERE channel_id = $1")
            .bind(channel)
            .fetch_optional(&mut *tx)
            .await?;
    tx.commit().await?;
    Ok(found)
}

/// Has the calendar read now, if the ring brings what the channel was made with.
pub(crate) async fn ring(
    tx: &mut OrgTx,
    (provider, channel): (ProviderId, &Channel),
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let rung = sqlx::query(
        "UPDATE booking.calendar SET rung = true, run_at = least(run_at, $6)
         WHERE org_id = $1 AND provider_id = $2 AND channel_id = $3 AND channel_hash = $4
           AND channel_resource = $5",
    )
    .bind(tx.org())
    .bind(provider)
    .bind(channel.id)
    .bind(&channel.token_hash)
    .bind(&channel.resource)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(rung.rows_affected() == 1)
}

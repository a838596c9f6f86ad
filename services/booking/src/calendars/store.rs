//! Every statement about calendars.

pub(crate) mod busy;
pub(super) mod consents;
pub(super) mod events;
pub(super) mod feeds;
pub(super) mod reading;
pub(super) mod work;

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use uuid::Uuid;
use voxanne_ids::{ProviderId, UserId};
use voxanne_pg::OrgTx;

use super::{Connection, WhenUnknown};
use crate::{Error, page::Page};

/// One provider with what is known of its calendar.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) provider_id: ProviderId,
    /// None: nothing is connected.
    pub(crate) state: Option<String>,
    pub(crate) cause: Option<String>,
    pub(crate) when_unknown: Option<String>,
    pub(crate) shows_patients: Option<bool>,
    pub(crate) connected_at: Option<At>,
    pub(crate) synced_at: Option<At>,
    pub(crate) has_feed: bool,
    pub(crate) conflicts: i64,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT provider.id AS provider_id, calendar.state, calendar.cause,
                    calendar.when_unknown, calendar.shows_patients, calendar.connected_at,
                    calendar.synced_at, feed.provider_id IS NOT NULL AS has_feed,
                    (SELECT count(*) FROM booking.calendar_event event
                     WHERE event.org_id = provider.org_id AND event.provider_id = provider.id
                       AND event.conflict IS NOT NULL) AS conflicts
             FROM booking.provider
             LEFT JOIN booking.calendar
               ON calendar.org_id = provider.org_id AND calendar.provider_id = provider.id
             LEFT JOIN booking.calendar_feed feed
               ON feed.org_id = provider.org_id AND feed.provider_id = provider.id
             WHERE provider.org_id = $1 ",
            $tail
        )
    };
}

pub(super) async fn list(tx: &mut OrgTx, page: Page<Uuid>) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(select!(
        "AND ($2::uuid IS NULL OR provider.id > $2) ORDER BY provider.id LIMIT $3"
    ))
    .bind(tx.org())
    .bind(page.after)
    .bind(page.rows())
    .fetch_all(&mut **tx)
    .await
}

pub(super) async fn load(tx: &mut OrgTx, provider: ProviderId) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as(select!("AND provider.id = $2"))
        .bind(tx.org())
        .bind(provider)
        .fetch_optional(&mut **tx)
        .await
}

/// The calendar as it is connected now, if it is.
pub(super) async fn connection(
    tx: &mut OrgTx,
    provider: ProviderId,
) -> Result<Option<Connection>, sqlx::Error> {
    let org = tx.org();
    let id: Option<Uuid> = sqlx::query_scalar(
        "SELECT connection FROM booking.calendar WHERE org_id = $1 AND provider_id = $2",
    )
    .bind(org)
    .bind(provider)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(id.map(|id| Connection { org, provider, id }))
}

/// Connects a calendar, anew if it was. What the clinic chose before stays.
pub(super) async fn connect(
    tx: &mut OrgTx,
    connection: Connection,
    user: UserId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO booking.calendar
           (org_id, provider_id, connection, state, cause, when_unknown, shows_patients,
            connected_at, connected_by, run_at)
         VALUES ($1, $2, $3, 'connected', '', $4, false, $5, $6, $5)
         ON CONFLICT (org_id, provider_id) DO UPDATE SET
           connection = excluded.connection, state = excluded.state, cause = '',
           connected_at = excluded.connected_at, connected_by = excluded.connected_by,
           sync_token = NULL, page_token = NULL, sweeping_since = NULL, synced_at = NULL,
           run_at = excluded.run_at, leased_until = NULL, rung = false, failures = 0,
           channel_id = NULL, channel_hash = NULL, channel_resource = NULL, channel_until = NULL",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(connection.id)
    .bind(WhenUnknown::Block.as_str())
    .bind(now.to_sqlx())
    .bind(user)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// `false` when nothing is connected.
pub(super) async fn change(
    tx: &mut OrgTx,
    provider: ProviderId,
    (when_unknown, shows_patients): (Option<WhenUnknown>, Option<bool>),
) -> Result<bool, sqlx::Error> {
    let changed = sqlx::query(
        "UPDATE booking.calendar SET when_unknown = coalesce($3, when_unknown),
           shows_patients = coalesce($4, shows_patients)
         WHERE org_id = $1 AND provider_id = $2",
    )
    .bind(tx.org())
    .bind(provider)
    .bind(when_unknown.map(WhenUnknown::as_str))
    .bind(shows_patients)
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Forgets the calendar with everything that was read from it.
pub(super) async fn delete(tx: &mut OrgTx, connection: Connection) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query(
        "DELETE FROM booking.calendar
         WHERE org_id = $1 AND provider_id = $2 AND connection = $3",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(connection.id)
    .execute(&mut **tx)
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Notes that the consent is over; `false` when that is known, or another consent was given.
pub(super) async fn degrade(
    tx: &mut OrgTx,
    connection: Connection,
    words: &str,
) -> Result<bool, sqlx::Error> {
    let changed = sqlx::query(
        "UPDATE booking.calendar SET state = 'reconnect', cause = $4, leased_until = NULL
         WHERE org_id = $1 AND provider_id = $2 AND connection = $3 AND state = 'connected'",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(connection.id)
    .bind(words)
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

impl Row {
    pub(crate) fn when_unknown(&self) -> Result<WhenUnknown, Error> {
        match &self.when_unknown {
            None => Ok(WhenUnknown::Block),
            Some(word) => WhenUnknown::from_word(word).ok_or(Error::Unreadable("when_unknown")),
        }
    }
}

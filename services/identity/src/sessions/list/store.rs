//! Every statement about the sessions of one user, wherever they are.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_pg::SystemTx;
use voxanne_privacy::Private;

use crate::{
    orgs::Org,
    sessions::{Device, Shown},
};

/// Sessions of one user in one answer; nobody looks through more.
const SHOWN: i64 = 200;

/// A row of [`list`].
#[derive(sqlx::FromRow)]
struct Going {
    id: SessionId,
    org_id: OrgId,
    name: String,
    time_zone: String,
    started_at: At,
    last_used_at: At,
    address: Option<Private<String>>,
    user_agent: Option<Private<String>>,
}

/// The user's sessions that can still be refreshed at `now`, which need one since `since`.
pub(in crate::sessions) async fn list(
    tx: &mut SystemTx,
    user: UserId,
    (since, now): (Timestamp, Timestamp),
) -> Result<Vec<Shown>, sqlx::Error> {
    let rows: Vec<Going> = sqlx::query_as(
        "SELECT s.id, o.org_id, o.name, o.time_zone, s.started_at,
                coalesce(s.last_used_at, s.started_at) AS last_used_at, s.address, s.user_agent
         FROM identity.session s
         JOIN identity.organization o ON o.org_id = s.org_id
         WHERE s.user_id = $1 AND s.revoked_at IS NULL AND s.ends_at > $3
           AND coalesce(s.last_used_at, s.started_at) > $2
         ORDER BY coalesce(s.last_used_at, s.started_at) DESC, s.id
         LIMIT $4",
    )
    .bind(user)
    .bind(since.to_sqlx())
    .bind(now.to_sqlx())
    .bind(SHOWN)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Going::into_shown).collect())
}

impl Going {
    fn into_shown(self) -> Shown {
        Shown {
            session: self.id,
            org: Org {
                id: self.org_id,
                name: self.name,
                time_zone: self.time_zone,
            },
            started_at: self.started_at.to_jiff(),
            last_used_at: self.last_used_at.to_jiff(),
            device: Device {
                address: self.address,
                user_agent: self.user_agent,
            },
        }
    }
}

/// Where the user has this session.
pub(in crate::sessions) async fn load_org(
    tx: &mut SystemTx,
    session: SessionId,
    user: UserId,
) -> Result<Option<OrgId>, sqlx::Error> {
    sqlx::query_scalar("SELECT org_id FROM identity.session WHERE id = $1 AND user_id = $2")
        .bind(session)
        .bind(user)
        .fetch_optional(&mut **tx)
        .await
}

/// Where the user has sessions that were not ended, but for the one to `keep`.
pub(in crate::sessions) async fn list_orgs(
    tx: &mut SystemTx,
    user: UserId,
    keep: Option<SessionId>,
) -> Result<Vec<OrgId>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT DISTINCT org_id FROM identity.session
         WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $2",
    )
    .bind(user)
    .bind(keep)
    .fetch_all(&mut **tx)
    .await
}

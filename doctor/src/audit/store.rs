//! Reading the audit log across organisations.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;
use voxanne_audit::{Entry, Hash, Head};

use crate::Report;

/// Entries that are held at once.
const PAGE: i64 = 1000;

/// Every organisation that has entries or a head, as far as this connection may know.
pub(super) async fn organisations(
    db: &mut PgConnection,
    report: &mut Report,
) -> Result<BTreeSet<Uuid>, sqlx::Error> {
    if sees_everything(db).await? {
        // From organisation to organisation along the key, instead of through all entries.
        let all = sqlx::query_scalar(
            "WITH RECURSIVE next (org_id) AS (
               (SELECT org_id FROM audit.entry ORDER BY org_id LIMIT 1)
               UNION ALL
               SELECT (SELECT entry.org_id FROM audit.entry
                       WHERE entry.org_id > next.org_id ORDER BY org_id LIMIT 1)
               FROM next WHERE next.org_id IS NOT NULL
             )
             SELECT org_id FROM next WHERE org_id IS NOT NULL UNION SELECT org_id FROM audit.head",
        );
        return Ok(all.fetch_all(db).await?.into_iter().collect());
    }
    report.notes.push(
        "as a role that policies bind, only chains of organisations that exist were followed: \
         connect as a superuser or as a role with BYPASSRLS to see all"
            .to_owned(),
    );
    let orgs = sqlx::raw_sql("SET LOCAL ROLE sys_identity").execute(&mut *db);
    orgs.await?;
    let orgs = sqlx::query_scalar("SELECT org_id FROM identity.organization");
    Ok(orgs.fetch_all(db).await?.into_iter().collect())
}

async fn sees_everything(db: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user")
        .fetch_one(db)
        .await
}

/// The end of `org`'s chain as the database says. From here on the connection reads as identity,
/// which shows the log to those who may read it, unless policies do not bind it anyway.
pub(super) async fn head(db: &mut PgConnection, org: Uuid) -> Result<Head, sqlx::Error> {
    if !sees_everything(db).await? {
        let scope = format!("SET LOCAL ROLE svc_identity; SET LOCAL app.org_id = '{org}'");
        sqlx::raw_sql(AssertSqlSafe(scope))
            .execute(&mut *db)
            .await?;
    }
    let head: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, hash FROM audit.head WHERE org_id = $1")
            .bind(org)
            .fetch_optional(db)
            .await?;
    let Some((seq, hash)) = head else {
        return Ok(Head {
            seq: 0,
            hash: Hash::ZERO,
        });
    };
    Ok(Head {
        seq,
        hash: read(&hash)?,
    })
}

/// The entries of `org` after number `after`, oldest first.
pub(super) async fn page(
    db: &mut PgConnection,
    org: Uuid,
    after: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT org_id, seq, (extract(epoch FROM at) * 1000000)::bigint AS microseconds, caller,
                request_id, action, records, previous, hash
         FROM audit.entry WHERE org_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    )
    .bind(org)
    .bind(after)
    .bind(PAGE)
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Row::entry).collect()
}

#[derive(FromRow)]
struct Row {
    org_id: Uuid,
    seq: i64,
    microseconds: i64,
    caller: String,
    request_id: String,
    action: String,
    records: Vec<Uuid>,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

impl Row {
    fn entry(self) -> Result<Entry, sqlx::Error> {
        let at = Timestamp::from_microsecond(self.microseconds);
        Ok(Entry {
            org: self.org_id,
            seq: self.seq,
            at: at.map_err(|error| sqlx::Error::Decode(error.into()))?,
            caller: self.caller,
            request_id: self.request_id,
            action: self.action,
            records: self.records,
            previous: read(&self.previous)?,
            hash: read(&self.hash)?,
        })
    }
}

fn read(bytes: &[u8]) -> Result<Hash, sqlx::Error> {
    Hash::try_from(bytes).map_err(|error| sqlx::Error::Decode(error.into()))
}

//! Every statement about the audit log.

use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_audit::{Entry, Hash, Head};
use voxanne_pg::OrgTx;

use super::{Filter, export::Place, list::Page};
use crate::Error;

#[derive(sqlx::FromRow)]
struct Row {
    org_id: Uuid,
    seq: i64,
    at: jiff_sqlx::Timestamp,
    caller: String,
    request_id: String,
    action: String,
    records: Vec<Uuid>,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT org_id, seq, at, caller, request_id, action, records, previous, hash
             FROM audit.entry WHERE org_id = $1 ",
            $tail
        )
    };
}

/// One row more than the page has, newest first.
pub(super) async fn list(
    tx: &mut OrgTx,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Entry>, Error> {
    let rows: Vec<Row> = sqlx::query_as(select!(
        "AND ($2::timestamptz IS NULL OR at >= $2) AND ($3::timestamptz IS NULL OR at < $3)
         AND ($4::text IS NULL OR caller = $4) AND ($5::text IS NULL OR action = $5)
         AND ($6::uuid IS NULL OR $6 = ANY (records)) AND ($7::bigint IS NULL OR seq < $7)
         ORDER BY seq DESC LIMIT $8"
    ))
    .bind(tx.org())
    .bind(filter.between.from.map(|at| at.to_sqlx()))
    .bind(filter.between.to.map(|at| at.to_sqlx()))
    .bind(&filter.caller)
    .bind(&filter.action)
    .bind(filter.record)
    .bind(page.before)
    .bind(i64::from(page.limit) + 1)
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Entries in their order, up to the one with number `until`.
pub(super) async fn list_after(
    tx: &mut OrgTx,
    place: &Place,
    until: i64,
    rows: u32,
) -> Result<Vec<Entry>, Error> {
    let rows: Vec<Row> = sqlx::query_as(select!(
        "AND seq > $2 AND seq <= $3 AND ($4::timestamptz IS NULL OR at >= $4)
         AND ($5::timestamptz IS NULL OR at < $5) ORDER BY seq LIMIT $6"
    ))
    .bind(tx.org())
    .bind(place.after)
    .bind(until)
    .bind(place.between.from.map(|at| at.to_sqlx()))
    .bind(place.between.to.map(|at| at.to_sqlx()))
    .bind(i64::from(rows))
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

pub(super) async fn load_head(tx: &mut OrgTx) -> Result<Head, Error> {
    let found: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, hash FROM audit.head WHERE org_id = $1")
            .bind(tx.org())
            .fetch_optional(&mut **tx)
            .await?;
    let nothing = Head {
        seq: 0,
        hash: Hash::ZERO,
    };
    found.map_or(Ok(nothing), |(seq, bytes)| {
        Ok(Head {
            seq,
            hash: hash(&bytes)?,
        })
    })
}

impl Row {
    fn read(self) -> Result<Entry, Error> {
        Ok(Entry {
            org: self.org_id,
            seq: self.seq,
            at: self.at.to_jiff(),
            caller: self.caller,
            request_id: self.request_id,
            action: self.action,
            records: self.records,
            previous: hash(&self.previous)?,
            hash: hash(&self.hash)?,
        })
    }
}

fn hash(bytes: &[u8]) -> Result<Hash, Error> {
    Hash::try_from(bytes).map_err(|_length| Error::Unreadable("hash"))
}

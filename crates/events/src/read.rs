//! Reading the log.

use serde_json::Value;
use voxanne_ids::{EventId, OrgId};
use voxanne_pg::{OrgTx, SystemTx};

use crate::Event;

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    id: EventId,
    #[sqlx(rename = "type")]
    kind: String,
    at: jiff_sqlx::Timestamp,
    data: Value,
    trace: Option<String>,
}

/// How far an organisation's log reaches; `(0, 0)` when it is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Number of the oldest event that is kept.
    pub oldest: i64,
    /// Number of the newest event.
    pub newest: i64,
}

impl Extent {
    /// Whether a reader that has seen everything up to `after` can go on without a gap.
    pub const fn reaches_back_to(&self, after: i64) -> bool {
        after >= 0 && after <= self.newest && (after == self.newest || after + 1 >= self.oldest)
    }
}

/// Events after `after`, oldest first, at most `limit`.
pub async fn list_after(tx: &mut OrgTx, after: i64, limit: u32) -> Result<Vec<Event>, sqlx::Error> {
    let org = tx.org();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT seq, id, type, at, data, trace FROM events.event
         WHERE org_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    )
    .bind(org)
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.into_event(org)).collect())
}

/// How far the organisation's log reaches.
pub async fn load_extent(tx: &mut OrgTx) -> Result<Extent, sqlx::Error> {
    let (oldest, newest): (i64, i64) = sqlx::query_as(
        "SELECT coalesce((SELECT min(seq) FROM events.event WHERE org_id = $1), 0),
                coalesce((SELECT seq FROM events.counter WHERE org_id = $1), 0)",
    )
    .bind(tx.org())
    .fetch_one(&mut **tx)
    .await?;
    Ok(Extent { oldest, newest })
}

/// The number of the newest event of each of `orgs` that has any.
pub async fn load_heads(
    tx: &mut SystemTx,
    orgs: &[OrgId],
) -> Result<Vec<(OrgId, i64)>, sqlx::Error> {
    let orgs: Vec<_> = orgs.iter().map(OrgId::as_uuid).collect();
    sqlx::query_as("SELECT org_id, seq FROM events.counter WHERE org_id = ANY($1)")
        .bind(orgs)
        .fetch_all(&mut **tx)
        .await
}

impl Row {
    fn into_event(self, org: OrgId) -> Event {
        Event {
            org,
            seq: self.seq,
            id: self.id,
            kind: self.kind,
            at: self.at.to_jiff(),
            data: self.data,
            trace: self.trace,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_goes_on_only_where_nothing_is_missing() {
        let kept = Extent {
            oldest: 5,
            newest: 9,
        };
        for (after, reaches) in [
            (-1, false),
            (0, false),
            (3, false),
            (4, true),
            (9, true),
            (10, false),
        ] {
            assert_eq!(kept.reaches_back_to(after), reaches, "{after}");
        }
        let empty = Extent {
            oldest: 0,
            newest: 0,
        };
        assert!(empty.reaches_back_to(0));
        assert!(!empty.reaches_back_to(1));
    }
}

//! Appending to the log.

use jiff_sqlx::ToSqlx as _;
use voxanne_ids::EventId;
use voxanne_pg::OrgTx;
use voxanne_telemetry::names;

use crate::{Doorbell, New, kinds};

/// The writing end of the event log.
#[derive(Clone, Debug)]
pub struct Log {
    doorbell: Doorbell,
}

impl Log {
    pub const fn new(doorbell: Doorbell) -> Self {
        Self { doorbell }
    }

    /// Appends `events` and commits them with everything else in `tx`, or nothing at all.
    ///
    /// Appending takes the organisation's counter lock. It comes last, so that the lock is short
    /// and numbers are given in the order of commits.
    pub async fn commit(&self, mut tx: OrgTx, events: Vec<New>) -> Result<(), sqlx::Error> {
        let org = tx.org();
        for event in &events {
            kinds::check(event.kind)?;
            append(&mut tx, event).await?;
        }
        tx.commit().await?;
        if !events.is_empty() {
            metrics::counter!(names::EVENTS_APPENDED).increment(events.len() as u64);
            let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
            self.doorbell.ring(org, &kinds);
        }
        Ok(())
    }
}

async fn append(tx: &mut OrgTx, event: &New) -> Result<(), sqlx::Error> {
    sqlx::query(
        "WITH next AS (
           INSERT INTO events.counter AS counter (org_id, seq) VALUES ($1, 1)
           ON CONFLICT (org_id) DO UPDATE SET seq = counter.seq + 1
           RETURNING seq
         )
         INSERT INTO events.event (org_id, seq, id, type, at, data, trace)
         SELECT $1, next.seq, $2, $3, $4, $5, $6 FROM next",
    )
    .bind(tx.org())
    .bind(EventId::new())
    .bind(event.kind)
    .bind(event.at.to_sqlx())
    .bind(&event.data)
    .bind(voxanne_telemetry::trace::current_traceparent())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

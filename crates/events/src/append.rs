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
        }
        if !events.is_empty() {
            append(&mut tx, &events).await?;
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

/// One statement, so that the counter's lock is as short for many events as for one.
async fn append(tx: &mut OrgTx, events: &[New]) -> Result<(), sqlx::Error> {
    let ids: Vec<_> = events.iter().map(|_| EventId::new().as_uuid()).collect();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    let times: Vec<_> = events.iter().map(|event| event.at.to_sqlx()).collect();
    let data: Vec<_> = events.iter().map(|event| &event.data).collect();
    sqlx::query(
        "WITH last AS (
           INSERT INTO events.counter AS counter (org_id, seq) VALUES ($1, cardinality($2::uuid[]))
           ON CONFLICT (org_id) DO UPDATE SET seq = counter.seq + cardinality($2)
           RETURNING seq
         )
         INSERT INTO events.event (org_id, seq, id, type, at, data, trace)
         SELECT $1, last.seq - cardinality($2) + new.place, new.id, new.type, new.at, new.data, $6
         FROM last, unnest($2, $3::text[], $4::timestamptz[], $5::jsonb[])
           WITH ORDINALITY AS new (id, type, at, data, place)",
    )
    .bind(tx.org())
    .bind(ids)
    .bind(kinds)
    .bind(times)
    .bind(data)
    .bind(voxanne_telemetry::trace::current_traceparent())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

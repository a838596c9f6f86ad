//! Whether visits that are to come still begin at the time on the wall that was promised.
//!
//! A booking keeps its instant, its zone, and the civil time its patient was told. When a country
//! changes its clock, the instant of a visit that was booked before stays, and the time on the wall
//! is another. The release that brings the new rules is when to look.

use jiff::tz::TimeZone;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;
use voxanne_ids::{BookingId, OrgId};

use crate::{Finding, Report};

/// Visits read at once.
const PAGE: i64 = 1000;

#[derive(FromRow)]
struct Visit {
    org_id: OrgId,
    id: BookingId,
    time_zone: String,
    local_time: jiff_sqlx::DateTime,
    starts_at: jiff_sqlx::Timestamp,
}

/// Compares every visit that is to come with the rules of `zone`, which knows the zones of today. `tx`
/// is one read-only transaction.
pub async fn examine(
    tx: &mut PgConnection,
    zone: impl Fn(&str) -> Option<TimeZone>,
) -> Result<Report, sqlx::Error> {
    let mut report = Report::default();
    let mut after = (Uuid::nil(), Uuid::nil());
    loop {
        let page = read(tx, after).await?;
        let Some(last) = page.last() else {
            return Ok(report);
        };
        after = (last.org_id.as_uuid(), last.id.as_uuid());
        for visit in &page {
            report.rules += 1;
            report.findings.extend(visit.judge(&zone));
        }
    }
}

async fn read(tx: &mut PgConnection, after: (Uuid, Uuid)) -> Result<Vec<Visit>, sqlx::Error> {
    sqlx::query_as(
        "SELECT org_id, id, time_zone, local_time, starts_at FROM booking.booking
         WHERE (org_id, id) > ($1, $2) AND starts_at > now()
           AND status IN ('requested', 'booked', 'confirmed')
         ORDER BY org_id, id LIMIT $3",
    )
    .bind(after.0)
    .bind(after.1)
    .bind(PAGE)
    .fetch_all(tx)
    .await
}

impl Visit {
    fn judge(&self, zone: impl Fn(&str) -> Option<TimeZone>) -> Option<Finding> {
        let promised = self.local_time.to_jiff();
        let name = &self.time_zone;
        let why = match zone(name) {
            Some(zone) => {
                let now = zone.to_datetime(self.starts_at.to_jiff());
                if now == promised {
                    return None;
                }
                format!("{promised} in {name} was promised, and it begins at {now} there")
            }
            None => format!("{promised} in {name} was promised, a zone that is not known any more"),
        };
        Some(Finding {
            rule: "promised time".to_owned(),
            subject: format!("{} of {}", self.id, self.org_id),
            why,
            todo: "move it to the promised time, or tell the patient the new one".to_owned(),
        })
    }
}

//! Every statement about weeks that were set.

use uuid::Uuid;
use voxanne_ids::{EventId, ProviderId};
use voxanne_pg::OrgTx;

use super::Schedule;
use crate::{
    Error,
    availability::week::Hours,
    error::{What, violates},
    page::Page,
};

#[derive(sqlx::FromRow)]
pub(crate) struct ScheduleRow {
    pub(crate) id: Uuid,
    pub(crate) provider_id: Option<ProviderId>,
}

#[derive(sqlx::FromRow)]
struct HoursRow {
    schedule_id: Uuid,
    weekday: i16,
    opens: i16,
    closes: i16,
}

/// Puts `schedule` in the place of the week before. The row's lock lets one replacement through
/// after the other.
pub(crate) async fn replace(tx: &mut OrgTx, schedule: &Schedule) -> Result<(), Error> {
    let id: Uuid = sqlx::query_scalar(
        "INSERT INTO booking.schedule AS old (org_id, id, provider_id) VALUES ($1, $2, $3)
         ON CONFLICT ON CONSTRAINT schedule_of_provider DO UPDATE SET revision = old.revision + 1
         RETURNING id",
    )
    .bind(tx.org())
    .bind(new_id())
    .bind(schedule.provider)
    .fetch_one(&mut **tx)
    .await
    .map_err(|error| {
        if violates(&error, "schedule_provider_fkey") {
            Error::NotFound(What::Provider)
        } else {
            error.into()
        }
    })?;
    sqlx::query("DELETE FROM booking.weekly_hours WHERE org_id = $1 AND schedule_id = $2")
        .bind(tx.org())
        .bind(id)
        .execute(&mut **tx)
        .await?;
    insert_hours(tx, id, schedule.week.hours()).await?;
    Ok(())
}

/// Sets the clinic's default week unless it has one.
pub(crate) async fn insert_default(tx: &mut OrgTx, hours: &[Hours]) -> Result<(), sqlx::Error> {
    let id: Option<Uuid> = sqlx::query_scalar(
        "INSERT INTO booking.schedule (org_id, id, provider_id) VALUES ($1, $2, NULL)
         ON CONFLICT ON CONSTRAINT schedule_of_provider DO NOTHING RETURNING id",
    )
    .bind(tx.org())
    .bind(new_id())
    .fetch_optional(&mut **tx)
    .await?;
    match id {
        Some(id) => insert_hours(tx, id, hours).await,
        None => Ok(()),
    }
}

/// Weeks in the order in which they were first set.
pub(crate) async fn list(
    tx: &mut OrgTx,
    page: &Page<Uuid>,
) -> Result<Vec<ScheduleRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, provider_id FROM booking.schedule
         WHERE org_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
    )
    .bind(tx.org())
    .bind(page.after)
    .bind(page.rows())
    .fetch_all(&mut **tx)
    .await
}

pub(crate) async fn list_hours(
    tx: &mut OrgTx,
    schedules: &[Uuid],
) -> Result<Vec<(Uuid, Hours)>, sqlx::Error> {
    let rows: Vec<HoursRow> = sqlx::query_as(
        "SELECT schedule_id, weekday, opens, closes FROM booking.weekly_hours
         WHERE org_id = $1 AND schedule_id = ANY($2)",
    )
    .bind(tx.org())
    .bind(schedules)
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let weekday = i8::try_from(row.weekday)
                .map_err(|source| sqlx::Error::Decode(Box::new(source)))?;
            Ok((
                row.schedule_id,
                Hours {
                    weekday,
                    opens: row.opens,
                    closes: row.closes,
                },
            ))
        })
        .collect()
}

async fn insert_hours(tx: &mut OrgTx, id: Uuid, hours: &[Hours]) -> Result<(), sqlx::Error> {
    let column = |value: fn(&Hours) -> i16| hours.iter().map(value).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO booking.weekly_hours (org_id, schedule_id, weekday, opens, closes)
         SELECT $1, $2, * FROM unnest($3::smallint[], $4::smallint[], $5::smallint[])",
    )
    .bind(tx.org())
    .bind(id)
    .bind(column(|one| i16::from(one.weekday)))
    .bind(column(|one| one.opens))
    .bind(column(|one| one.closes))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Weeks have no name outside, so any id that grows with time will do.
fn new_id() -> Uuid {
    EventId::new().as_uuid()
}

//! Every statement about weeks that were set.

use uuid::Uuid;
use voxanne_ids::{EventId, ProviderId};
use voxanne_pg::OrgTx;

use super::Schedule;
use crate::{
    Error,
    availability::week::{Hours, Week},
    error::{What, violates},
    page::Page,
};

#[derive(sqlx::FromRow)]
pub(crate) struct ScheduleRow {
    pub(crate) id: Uuid,
    pub(crate) provider_id: Option<ProviderId>,
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
    clear(tx, id).await?;
    insert_week(tx, id, &schedule.week).await?;
    Ok(())
}

/// Sets the clinic's default week unless it has one.
pub(crate) async fn insert_default(tx: &mut OrgTx, week: &Week) -> Result<(), sqlx::Error> {
    let id: Option<Uuid> = sqlx::query_scalar(
        "INSERT INTO booking.schedule (org_id, id, provider_id) VALUES ($1, $2, NULL)
         ON CONFLICT ON CONSTRAINT schedule_of_provider DO NOTHING RETURNING id",
    )
    .bind(tx.org())
    .bind(new_id())
    .fetch_optional(&mut **tx)
    .await?;
    match id {
        Some(id) => insert_week(tx, id, week).await,
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

/// Forgets a provider's own week; `false` when there was none.
pub(crate) async fn delete(tx: &mut OrgTx, provider: ProviderId) -> Result<bool, sqlx::Error> {
    let id: Option<Uuid> = sqlx::query_scalar(
        "SELECT id FROM booking.schedule WHERE org_id = $1 AND provider_id = $2 FOR UPDATE",
    )
    .bind(tx.org())
    .bind(provider)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(id) = id else { return Ok(false) };
    clear(tx, id).await?;
    sqlx::query("DELETE FROM booking.schedule WHERE org_id = $1 AND id = $2")
        .bind(tx.org())
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(true)
}

async fn clear(tx: &mut OrgTx, id: Uuid) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM booking.weekly_hours WHERE org_id = $1 AND schedule_id = $2",
        "DELETE FROM booking.weekly_break WHERE org_id = $1 AND schedule_id = $2",
    ] {
        sqlx::query(statement)
            .bind(tx.org())
            .bind(id)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

async fn insert_week(tx: &mut OrgTx, id: Uuid, week: &Week) -> Result<(), sqlx::Error> {
    for (statement, hours) in [
        (
            "INSERT INTO booking.weekly_hours (org_id, schedule_id, weekday, opens, closes)
             SELECT $1, $2, * FROM unnest($3::smallint[], $4::smallint[], $5::smallint[])",
            week.hours(),
        ),
        (
            "INSERT INTO booking.weekly_break (org_id, schedule_id, weekday, starts, ends)
             SELECT $1, $2, * FROM unnest($3::smallint[], $4::smallint[], $5::smallint[])",
            week.breaks(),
        ),
    ] {
        let column = |value: fn(&Hours) -> i16| hours.iter().map(value).collect::<Vec<_>>();
        sqlx::query(statement)
            .bind(tx.org())
            .bind(id)
            .bind(column(|one| i16::from(one.weekday)))
            .bind(column(|one| one.opens))
            .bind(column(|one| one.closes))
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Weeks have no name outside, so any id that grows with time will do.
fn new_id() -> Uuid {
    EventId::new().as_uuid()
}

//! Every statement about days that differ from the week.

use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_ids::{ExceptionId, ProviderId};
use voxanne_pg::OrgTx;

use super::{Day, Exception, Kind};
use crate::{
    Error,
    availability::week::Stretch,
    error::{What, violates},
    page::Page,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: ExceptionId,
    provider_id: Option<ProviderId>,
    on_date: jiff_sqlx::Date,
    kind: Kind,
    name: String,
    opens: Vec<i16>,
    closes: Vec<i16>,
}

/// Inserts the exception, or gives `false` when the day has one.
pub(crate) async fn insert(tx: &mut OrgTx, exception: &Exception) -> Result<bool, Error> {
    let day = &exception.day;
    let inserted = sqlx::query(
        "INSERT INTO booking.day_exception (org_id, id, provider_id, on_date, kind, name)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT ON CONSTRAINT day_exception_once DO NOTHING",
    )
    .bind(tx.org())
    .bind(exception.id)
    .bind(day.provider)
    .bind(day.date.to_sqlx())
    .bind(day.kind)
    .bind(&day.name)
    .execute(&mut **tx)
    .await
    .map_err(|error| {
        if violates(&error, "day_exception_provider_fkey") {
            Error::NotFound(What::Provider)
        } else {
            error.into()
        }
    })?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    let column = |value: fn(&Stretch) -> i16| day.hours.iter().map(value).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO booking.exception_hours (org_id, exception_id, opens, closes)
         SELECT $1, $2, * FROM unnest($3::smallint[], $4::smallint[])",
    )
    .bind(tx.org())
    .bind(exception.id)
    .bind(column(|one| one.opens))
    .bind(column(|one| one.closes))
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

pub(crate) async fn list(tx: &mut OrgTx, page: &Page<Uuid>) -> Result<Vec<Exception>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, provider_id, on_date, kind, name,
                ARRAY(SELECT opens FROM booking.exception_hours hours
                      WHERE hours.org_id = special.org_id AND hours.exception_id = special.id
                      ORDER BY opens) AS opens,
                ARRAY(SELECT closes FROM booking.exception_hours hours
                      WHERE hours.org_id = special.org_id AND hours.exception_id = special.id
                      ORDER BY opens) AS closes
         FROM booking.day_exception special
         WHERE org_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
    )
    .bind(tx.org())
    .bind(page.after)
    .bind(page.rows())
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// Deletes the exception with its hours; `false` when there is none.
pub(crate) async fn delete(tx: &mut OrgTx, id: ExceptionId) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query("DELETE FROM booking.day_exception WHERE org_id = $1 AND id = $2")
        .bind(tx.org())
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(deleted.rows_affected() > 0)
}

impl Row {
    fn read(self) -> Exception {
        let stretch = |(opens, closes)| Stretch { opens, closes };
        Exception {
            id: self.id,
            day: Day {
                provider: self.provider_id,
                date: self.on_date.to_jiff(),
                kind: self.kind,
                name: self.name,
                hours: self
                    .opens
                    .into_iter()
                    .zip(self.closes)
                    .map(stretch)
                    .collect(),
            },
        }
    }
}

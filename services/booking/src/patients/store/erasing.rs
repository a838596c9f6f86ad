//! Statements that replace what says who a patient was.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use voxanne_ids::{BookingId, PatientId};
use voxanne_pg::OrgTx;

use crate::{Error, bookings::answer, series};

/// Bookings that a refusal names.
const NAMED: i64 = 20;
/// Instead of a name.
const NOBODY: &str = "Erased patient";

/// Bookings that are not over, the next ones first.
pub(crate) async fn bookings_to_come(
    tx: &mut OrgTx,
    id: PatientId,
    now: Timestamp,
) -> Result<Vec<BookingId>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT id FROM booking.booking
         WHERE org_id = $1 AND patient_id = $2 AND ends_at > $3
           AND status IN ('requested', 'booked', 'confirmed', 'arrived')
         ORDER BY starts_at, id LIMIT $4",
    )
    .bind(tx.org())
    .bind(id)
    .bind(now.to_sqlx())
    .bind(NAMED)
    .fetch_all(&mut **tx)
    .await
}

/// The patient, and everybody who was merged into it.
pub(crate) async fn tombstones(
    tx: &mut OrgTx,
    id: PatientId,
) -> Result<Vec<PatientId>, sqlx::Error> {
    sqlx::query_scalar(
        "WITH RECURSIVE same (id) AS (
           SELECT $2::uuid
           UNION
           SELECT patient.id FROM booking.patient
           JOIN same ON patient.org_id = $1 AND patient.merged_into = same.id
         )
         SELECT id FROM same",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_all(&mut **tx)
    .await
}

pub(crate) async fn persons(
    tx: &mut OrgTx,
    ids: &[PatientId],
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.patient
         SET name = $3, name_key = '', phone = '', email = NULL, date_of_birth = NULL,
             erased_at = $4
         WHERE org_id = $1 AND id = ANY($2)",
    )
    .bind(tx.org())
    .bind(ids)
    .bind(NOBODY)
    .bind(at.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(crate) async fn phones(tx: &mut OrgTx, ids: &[PatientId]) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM booking.patient_phone WHERE org_id = $1 AND patient_id = ANY($2)")
        .bind(tx.org())
        .bind(ids)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Blanks what was noted with the patient's bookings and their changes; gives the bookings.
pub(crate) async fn notes(tx: &mut OrgTx, id: PatientId) -> Result<Vec<BookingId>, sqlx::Error> {
    let bookings: Vec<BookingId> = sqlx::query_scalar(
        "UPDATE booking.booking SET notes = '' WHERE org_id = $1 AND patient_id = $2 RETURNING id",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query(
        "UPDATE booking.booking_change SET reason = ''
         WHERE org_id = $1 AND booking_id = ANY($2) AND reason <> ''",
    )
    .bind(tx.org())
    .bind(&bookings)
    .execute(&mut **tx)
    .await?;
    Ok(bookings)
}

/// Takes the patients out of the answers that are kept for requests that come again.
pub(crate) async fn answers(tx: &mut OrgTx, ids: &[PatientId]) -> Result<(), Error> {
    for id in ids {
        let kept: Vec<(String, String, Vec<u8>)> = sqlx::query_as(
            "SELECT operation, key, outcome FROM idempotency.record
             WHERE org_id = $1 AND operation IN ('booking.create', 'booking.create_series')
               AND position(convert_to($2, 'UTF8') IN outcome) > 0",
        )
        .bind(tx.org())
        .bind(id.to_string())
        .fetch_all(&mut **tx)
        .await?;
        for (operation, key, outcome) in kept {
            let blank = if operation == series::book::OPERATION {
                series::answer::without_person(&outcome, NOBODY)?
            } else {
                answer::without_person(&outcome, NOBODY)?
            };
            sqlx::query(
                "UPDATE idempotency.record SET outcome = $4
                 WHERE org_id = $1 AND operation = $2 AND key = $3",
            )
            .bind(tx.org())
            .bind(operation)
            .bind(key)
            .bind(blank)
            .execute(&mut **tx)
            .await?;
        }
    }
    Ok(())
}

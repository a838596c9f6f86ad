//! Every statement about tasks.

mod row;

use jiff_sqlx::ToSqlx as _;
use voxanne_ids::{BookingId, PatientId, TaskId, UserId};
use voxanne_pg::OrgTx;

use self::row::Row;
use super::{
    Kind, State, Subject, Task,
    list::{Filter, Owner},
};
use crate::Error;

/// The columns of [`Row`]; what follows chooses and orders the rows.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT task.id, task.kind, task.booking_id, task.patient_id, task.message_id,
                    task.provider_id, task.location_id, task.note, task.owner_id, task.due_at,
                    task.opened_at, task.opened_by, task.outcome, task.resolved_at,
                    task.resolved_by, task.version
             FROM booking.task WHERE task.org_id = $1 ",
            $tail
        )
    };
}

/// Inserts an open task, or gives `false` when one of its kind is open for its subject.
pub(crate) async fn insert(tx: &mut OrgTx, task: &Task) -> Result<bool, sqlx::Error> {
    let inserted: Option<TaskId> = sqlx::query_scalar(
        "INSERT INTO booking.task
           (org_id, id, kind, subject, booking_id, patient_id, message_id, provider_id,
            location_id, note, owner_id, due_at, opened_at, opened_by, state, outcome, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'open', '', $15)
         ON CONFLICT (org_id, kind, subject) WHERE state = 'open' DO NOTHING
         RETURNING id",
    )
    .bind(tx.org())
    .bind(task.id)
    .bind(task.kind.as_str())
    .bind(task.key())
    .bind(task.subject.booking)
    .bind(task.subject.patient)
    .bind(task.subject.message)
    .bind(task.subject.provider)
    .bind(task.subject.location)
    .bind(&task.note)
    .bind(task.owner)
    .bind(task.due_at.map(|at| at.to_sqlx()))
    .bind(task.opened_at.to_sqlx())
    .bind(&task.opened_by)
    .bind(task.version)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(inserted.is_some())
}

pub(crate) async fn load(tx: &mut OrgTx, id: TaskId) -> Result<Option<Task>, Error> {
    let row: Option<Row> = sqlx::query_as(select!("AND task.id = $2"))
        .bind(tx.org())
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(Row::read).transpose()
}

/// The task; nobody else changes it until the end of this transaction.
pub(crate) async fn lock(tx: &mut OrgTx, id: TaskId) -> Result<Option<Task>, Error> {
    let row: Option<Row> = sqlx::query_as(select!("AND task.id = $2 FOR UPDATE"))
        .bind(tx.org())
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(Row::read).transpose()
}

/// The open task of a kind for a subject, locked.
pub(crate) async fn lock_open(
    tx: &mut OrgTx,
    kind: Kind,
    key: &str,
) -> Result<Option<Task>, Error> {
    let row: Option<Row> = sqlx::query_as(select!(
        "AND task.kind = $2 AND task.subject = $3 AND task.state = 'open' FOR UPDATE"
    ))
    .bind(tx.org())
    .bind(kind.as_str())
    .bind(key)
    .fetch_optional(&mut **tx)
    .await?;
    row.map(Row::read).transpose()
}

/// The open tasks about a patient, or a booking of theirs, locked.
pub(crate) async fn lock_open_of_patient(
    tx: &mut OrgTx,
    patient: PatientId,
) -> Result<Vec<Task>, Error> {
    let rows: Vec<Row> = sqlx::query_as(select!(
        "AND task.state = 'open' AND (task.patient_id = $2 OR task.booking_id IN (
           SELECT id FROM booking.booking WHERE org_id = $1 AND patient_id = $2))
         ORDER BY task.id FOR UPDATE"
    ))
    .bind(tx.org())
    .bind(patient)
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Everything about a patient, or a booking of theirs.
pub(crate) async fn of_patient(tx: &mut OrgTx, patient: PatientId) -> Result<Vec<Task>, Error> {
    let rows: Vec<Row> = sqlx::query_as(select!(
        "AND (task.patient_id = $2 OR task.booking_id IN (
           SELECT id FROM booking.booking WHERE org_id = $1 AND patient_id = $2))
         ORDER BY task.id"
    ))
    .bind(tx.org())
    .bind(patient)
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Blanks what was written about a patient.
pub(crate) async fn blank(tx: &mut OrgTx, patient: PatientId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.task SET note = '', outcome = ''
         WHERE org_id = $1 AND (patient_id = $2 OR booking_id IN (
           SELECT id FROM booking.booking WHERE org_id = $1 AND patient_id = $2))",
    )
    .bind(tx.org())
    .bind(patient)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The oldest first.
pub(crate) async fn list(tx: &mut OrgTx, filter: &Filter) -> Result<Vec<Task>, Error> {
    let owner: Option<UserId> = match filter.owner {
        Owner::One(id) => Some(id),
        Owner::Anybody | Owner::Nobody => None,
    };
    let rows: Vec<Row> = sqlx::query_as(select!(
        "AND ($2::uuid IS NULL OR task.id > $2)
         AND ($3::text IS NULL OR task.state = $3)
         AND ($4::text IS NULL OR task.kind = $4)
         AND ($5::uuid IS NULL OR task.owner_id = $5)
         AND (NOT $6 OR task.owner_id IS NULL)
         ORDER BY task.id LIMIT $7"
    ))
    .bind(tx.org())
    .bind(filter.page.after)
    .bind(filter.state.map(State::as_str))
    .bind(filter.kind.map(Kind::as_str))
    .bind(owner)
    .bind(filter.owner == Owner::Nobody)
    .bind(filter.page.rows())
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Saves what can change of a task.
pub(crate) async fn save(tx: &mut OrgTx, task: &Task) -> Result<(), sqlx::Error> {
    let end = task.end.as_ref();
    sqlx::query(
        "UPDATE booking.task SET owner_id = $3, state = $4, outcome = coalesce($5, ''),
           resolved_at = $6, resolved_by = $7, version = $8
         WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(task.id)
    .bind(task.owner)
    .bind(task.state().as_str())
    .bind(end.map(|end| &end.outcome))
    .bind(end.map(|end| end.at.to_sqlx()))
    .bind(end.map(|end| &end.by))
    .bind(task.version)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether an event's task still has a cause, and what it is about as far as that is there.
pub(crate) async fn still_wanted(
    tx: &mut OrgTx,
    kind: Kind,
    subject: Subject,
) -> Result<Option<Subject>, sqlx::Error> {
    let Some(id) = subject.booking else {
        return keep_provider(tx, subject).await;
    };
    // An answer that comes after this was read is told by an event that is still to come.
    let status: Option<(BookingId, String)> =
        sqlx::query_as("SELECT id, status FROM booking.booking WHERE org_id = $1 AND id = $2")
            .bind(tx.org())
            .bind(id)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(match (kind, status) {
        (Kind::Approval, Some((_, status))) => (status == "requested").then_some(subject),
        (Kind::Approval, None) => None,
        (_, found) => Some(Subject {
            booking: found.map(|(id, _)| id),
            ..subject
        }),
    })
}

/// What is about a provider needs one.
async fn keep_provider(tx: &mut OrgTx, subject: Subject) -> Result<Option<Subject>, sqlx::Error> {
    let Some(id) = subject.provider else {
        return Ok(Some(subject));
    };
    let is_there: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM booking.provider WHERE org_id = $1 AND id = $2)",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_one(&mut **tx)
    .await?;
    Ok(is_there.then_some(subject))
}

//! Every SQL statement about one message.

use jiff_sqlx::ToSqlx as _;
use voxanne_ids::{BookingId, MessageId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_problem::{Kind as ProblemKind, Problem};

use super::{Kind, Message, State};

/// The reason of the problem of a message whose recipient has another one in flight.
pub(crate) const RECIPIENT_BUSY: &str = "RECIPIENT_BUSY";

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: MessageId,
    #[sqlx(try_from = "String")]
    kind: Kind,
    booking_id: Option<BookingId>,
    to_number: Private<String>,
    body: Private<String>,
    #[sqlx(try_from = "String")]
    state: State,
    cause: String,
    #[sqlx(try_from = "i32")]
    error_code: u32,
    #[sqlx(try_from = "i32")]
    attempt: u32,
    #[sqlx(try_from = "i32")]
    waits: u32,
    #[sqlx(try_from = "i32")]
    looks: u32,
    sent_again: bool,
    run_at: jiff_sqlx::Timestamp,
    attempted_at: Option<jiff_sqlx::Timestamp>,
    sid: Option<String>,
    former_sids: Vec<String>,
    asked_at: jiff_sqlx::Timestamp,
    trace: Option<String>,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
}

/// Adds `message`; `false` when what asked for it, `dedupe_key`, has its message already.
pub(crate) async fn insert(
    tx: &mut OrgTx,
    message: &Message,
    dedupe_key: Option<&str>,
) -> Result<bool, Problem> {
    let inserted = sqlx::query(
        "INSERT INTO notification.message (org_id, id, kind, dedupe_key, booking_id, to_number,
           body, state, cause, error_code, attempt, waits, looks, sent_again, run_at, former_sids,
           asked_at, trace, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, 0, 0, 0, false, $9, '{}', $10, $11, $12,
           $12)
         ON CONFLICT ON CONSTRAINT message_dedupe DO NOTHING",
    )
    .bind(tx.org())
    .bind(message.id)
    .bind(message.kind.as_str())
    .bind(dedupe_key)
    .bind(message.booking)
    .bind(&message.to)
    .bind(&message.body)
    .bind(message.state.as_str())
    .bind(message.run_at.to_sqlx())
    .bind(message.asked_at.to_sqlx())
    .bind(&message.trace)
    .bind(message.created_at.to_sqlx())
    .execute(&mut **tx)
    .await
    .map_err(voxanne_pg::problem)?;
    Ok(inserted.rows_affected() == 1)
}

/// Locks one message until the transaction ends.
pub(crate) async fn lock(tx: &mut OrgTx, id: MessageId) -> Result<Option<Message>, Problem> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT * FROM notification.message WHERE org_id = $1 AND id = $2 FOR UPDATE",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await
    .map_err(voxanne_pg::problem)?;
    Ok(row.map(Into::into))
}

/// Locks the message that Twilio knows as `sid`.
pub(crate) async fn lock_by_sid(tx: &mut OrgTx, sid: &str) -> Result<Option<Message>, Problem> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT * FROM notification.message WHERE org_id = $1 AND sid = $2 FOR UPDATE",
    )
    .bind(tx.org())
    .bind(sid)
    .fetch_optional(&mut **tx)
    .await
    .map_err(voxanne_pg::problem)?;
    Ok(row.map(Into::into))
}

/// Writes a message if nothing happened to it since it was `seen`; `false` when something did: whatever
/// happens to a message changes its state, its attempt or the end of its lease. Of one whose patient
/// is erased, number and text are kept as long as it is in flight.
pub(crate) async fn save(
    tx: &mut OrgTx,
    seen: &Message,
    message: &Message,
) -> Result<bool, Problem> {
    let saved = sqlx::query(
        "UPDATE notification.message SET
           to_number = CASE WHEN erased AND $5 NOT IN ('sending', 'unknown') THEN '' ELSE $3 END,
           body = CASE WHEN erased AND $5 NOT IN ('sending', 'unknown') THEN '' ELSE $4 END,
           state = $5, cause = $6,
           error_code = $7, attempt = $8, waits = $9, looks = $10, sent_again = $11, run_at = $12,
           attempted_at = $13, sid = $14, former_sids = $15, asked_at = $16, trace = $17,
           updated_at = $18
         WHERE org_id = $1 AND id = $2 AND state = $19 AND attempt = $20 AND run_at = $21",
    )
    .bind(tx.org())
    .bind(message.id)
    .bind(&message.to)
    .bind(&message.body)
    .bind(message.state.as_str())
    .bind(&message.cause)
    .bind(bounded(message.error_code))
    .bind(bounded(message.attempt))
    .bind(bounded(message.waits))
    .bind(bounded(message.looks))
    .bind(message.sent_again)
    .bind(message.run_at.to_sqlx())
    .bind(message.attempted_at.map(|at| at.to_sqlx()))
    .bind(&message.sid)
    .bind(&message.former_sids)
    .bind(message.asked_at.to_sqlx())
    .bind(&message.trace)
    .bind(message.updated_at.to_sqlx())
    .bind(seen.state.as_str())
    .bind(bounded(seen.attempt))
    .bind(seen.run_at.to_sqlx())
    .execute(&mut **tx)
    .await
    .map_err(refused)?;
    Ok(saved.rows_affected() == 1)
}

/// Messages older than `before`, newest first. Ids are made in the order of time.
pub(crate) async fn list(
    tx: &mut OrgTx,
    before: Option<MessageId>,
    booking: Option<BookingId>,
    limit: u32,
) -> Result<Vec<Message>, Problem> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM notification.message
         WHERE org_id = $1 AND ($2::uuid IS NULL OR id < $2)
           AND ($3::uuid IS NULL OR booking_id = $3)
         ORDER BY id DESC LIMIT $4",
    )
    .bind(tx.org())
    .bind(before)
    .bind(booking)
    .bind(i64::from(limit))
    .fetch_all(&mut **tx)
    .await
    .map_err(voxanne_pg::problem)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

fn bounded(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn refused(error: sqlx::Error) -> Problem {
    let constraint = error.as_database_error().and_then(|db| db.constraint());
    match constraint {
        Some("message_in_flight") => Problem::new(
            ProblemKind::Conflict,
            RECIPIENT_BUSY,
            "another text to this number is on its way",
        ),
        // Twilio's ids are unique, so a second message that claims one is not the one meant.
        Some("message_sid") => super::not_found(),
        _ => voxanne_pg::problem(error),
    }
}

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            booking: row.booking_id,
            to: row.to_number,
            body: row.body,
            state: row.state,
            cause: row.cause,
            error_code: row.error_code,
            attempt: row.attempt,
            waits: row.waits,
            looks: row.looks,
            sent_again: row.sent_again,
            run_at: row.run_at.to_jiff(),
            attempted_at: row.attempted_at.map(jiff_sqlx::Timestamp::to_jiff),
            sid: row.sid,
            former_sids: row.former_sids,
            asked_at: row.asked_at.to_jiff(),
            trace: row.trace,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        }
    }
}

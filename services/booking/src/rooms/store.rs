//! Every statement about rooms.

use uuid::Uuid;
use voxanne_ids::{LocationId, RoomId};
use voxanne_pg::OrgTx;

use super::{Changes, NewRoom, Room};
use crate::{
    Error,
    error::{What, violates},
    fields::{Kind, Name},
    page::Page,
};

pub(crate) async fn insert(
    tx: &mut OrgTx,
    new: &NewRoom,
    location: LocationId,
) -> Result<Room, Error> {
    sqlx::query_as(
        "INSERT INTO booking.room (org_id, id, name, location_id, kind, active)
         VALUES ($1, $2, $3, $4, $5, true) RETURNING id, name, location_id, kind, active",
    )
    .bind(tx.org())
    .bind(RoomId::new())
    .bind(new.name.as_str())
    .bind(location)
    .bind(new.kind.as_str())
    .fetch_one(&mut **tx)
    .await
    .map_err(|error| {
        if violates(&error, "room_location_fkey") {
            Error::NotFound(What::Location)
        } else {
            error.into()
        }
    })
}

pub(crate) async fn load(tx: &mut OrgTx, id: RoomId) -> Result<Option<Room>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, name, location_id, kind, active FROM booking.room WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await
}

/// Whether there is this room; nobody else changes it, and nothing new refers to it, until the end
/// of this transaction.
pub(crate) async fn lock(tx: &mut OrgTx, id: RoomId) -> Result<bool, sqlx::Error> {
    let found: Option<RoomId> =
        sqlx::query_scalar("SELECT id FROM booking.room WHERE org_id = $1 AND id = $2 FOR UPDATE")
            .bind(tx.org())
            .bind(id)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(found.is_some())
}

pub(crate) async fn list(tx: &mut OrgTx, page: &Page<Uuid>) -> Result<Vec<Room>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, name, location_id, kind, active FROM booking.room
         WHERE org_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
    )
    .bind(tx.org())
    .bind(page.after)
    .bind(page.rows())
    .fetch_all(&mut **tx)
    .await
}

pub(crate) async fn update(
    tx: &mut OrgTx,
    id: RoomId,
    changes: &Changes,
) -> Result<Option<Room>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE booking.room
         SET name = coalesce($3, name), kind = coalesce($4, kind), active = coalesce($5, active)
         WHERE org_id = $1 AND id = $2 RETURNING id, name, location_id, kind, active",
    )
    .bind(tx.org())
    .bind(id)
    .bind(changes.name.as_ref().map(Name::as_str))
    .bind(changes.kind.as_ref().map(Kind::as_str))
    .bind(changes.active)
    .fetch_optional(&mut **tx)
    .await
}

/// Deletes a room that nothing refers to, or gives `false`.
pub(crate) async fn delete_unused(tx: &mut OrgTx, id: RoomId) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query(
        "DELETE FROM booking.room
         WHERE org_id = $1 AND id = $2
           AND NOT EXISTS (SELECT FROM booking.booking WHERE org_id = $1 AND room_id = $2)
           AND NOT EXISTS (SELECT FROM booking.claim WHERE org_id = $1 AND resource_id = $2)
           AND NOT EXISTS (SELECT FROM booking.block WHERE org_id = $1 AND room_id = $2)",
    )
    .bind(tx.org())
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(deleted.rows_affected() > 0)
}

//! Every statement about locations.

use uuid::Uuid;
use voxanne_ids::LocationId;
use voxanne_pg::OrgTx;

use super::{Changes, Location, NewLocation};
use crate::{
    fields::{Name, ZoneName},
    page::Page,
};

pub(crate) async fn insert(tx: &mut OrgTx, new: &NewLocation) -> Result<Location, sqlx::Error> {
    sqlx::query_as(
        "INSERT INTO booking.location (org_id, id, name, time_zone) VALUES ($1, $2, $3, $4)
         RETURNING id, name, time_zone, active",
    )
    .bind(tx.org())
    .bind(LocationId::new())
    .bind(new.name.as_str())
    .bind(new.time_zone.as_str())
    .fetch_one(&mut **tx)
    .await
}

pub(crate) async fn load(tx: &mut OrgTx, id: LocationId) -> Result<Option<Location>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, name, time_zone, active FROM booking.location WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await
}

/// The clinic's first location that is open.
pub(crate) async fn first(tx: &mut OrgTx) -> Result<Option<Location>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, name, time_zone, active FROM booking.location
         WHERE org_id = $1 AND active ORDER BY id LIMIT 1",
    )
    .bind(tx.org())
    .fetch_optional(&mut **tx)
    .await
}

/// Every location of the clinic that is open; none of them changes, and nothing new refers to them,
/// until the end of this transaction.
pub(crate) async fn lock_open(tx: &mut OrgTx) -> Result<Vec<LocationId>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT id FROM booking.location WHERE org_id = $1 AND active ORDER BY id FOR UPDATE",
    )
    .bind(tx.org())
    .fetch_all(&mut **tx)
    .await
}

pub(crate) async fn list(tx: &mut OrgTx, page: &Page<Uuid>) -> Result<Vec<Location>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, name, time_zone, active FROM booking.location
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
    id: LocationId,
    changes: &Changes,
) -> Result<Option<Location>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE booking.location
         SET name = coalesce($3, name), time_zone = coalesce($4, time_zone),
             active = coalesce($5, active)
         WHERE org_id = $1 AND id = $2 RETURNING id, name, time_zone, active",
    )
    .bind(tx.org())
    .bind(id)
    .bind(changes.name.as_ref().map(Name::as_str))
    .bind(changes.time_zone.as_ref().map(ZoneName::as_str))
    .bind(changes.active)
    .fetch_optional(&mut **tx)
    .await
}

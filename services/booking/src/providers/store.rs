//! Every statement about providers.

use uuid::Uuid;
use voxanne_ids::{LocationId, ProviderId};
use voxanne_pg::OrgTx;

use super::{Changes, Provider};
use crate::{
    Error,
    error::{What, violates},
    fields::Name,
    page::Page,
};

pub(crate) async fn insert(
    tx: &mut OrgTx,
    name: &Name,
    location: LocationId,
) -> Result<Provider, Error> {
    sqlx::query_as(
        "INSERT INTO booking.provider (org_id, id, name, location_id, active)
         VALUES ($1, $2, $3, $4, true) RETURNING id, name, location_id, active",
    )
    .bind(tx.org())
    .bind(ProviderId::new())
    .bind(name.as_str())
    .bind(location)
    .fetch_one(&mut **tx)
    .await
    .map_err(no_location)
}

pub(crate) async fn load(tx: &mut OrgTx, id: ProviderId) -> Result<Option<Provider>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, name, location_id, active FROM booking.provider WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await
}

/// Whether there is this provider; nobody else changes it, and nothing new refers to it, until the
/// end of this transaction.
pub(crate) async fn lock(tx: &mut OrgTx, id: ProviderId) -> Result<bool, sqlx::Error> {
    let found: Option<ProviderId> = sqlx::query_scalar(
        "SELECT id FROM booking.provider WHERE org_id = $1 AND id = $2 FOR UPDATE",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.is_some())
}

pub(crate) async fn list(tx: &mut OrgTx, page: &Page<Uuid>) -> Result<Vec<Provider>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, name, location_id, active FROM booking.provider
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
    id: ProviderId,
    changes: &Changes,
) -> Result<Option<Provider>, Error> {
    sqlx::query_as(
        "UPDATE booking.provider
         SET name = coalesce($3, name), location_id = coalesce($4, location_id),
             active = coalesce($5, active)
         WHERE org_id = $1 AND id = $2 RETURNING id, name, location_id, active",
    )
    .bind(tx.org())
    .bind(id)
    .bind(changes.name.as_ref().map(Name::as_str))
    .bind(changes.location)
    .bind(changes.active)
    .fetch_optional(&mut **tx)
    .await
    .map_err(no_location)
}

fn no_location(error: sqlx::Error) -> Error {
    if violates(&error, "provider_location_fkey") {
        Error::NotFound(What::Location)
    } else {
        error.into()
    }
}

//! Every statement about services.

use uuid::Uuid;
use voxanne_ids::ServiceId;
use voxanne_pg::OrgTx;

use super::{Changes, NewService, Service};
use crate::{Error, availability::find::WhichService, error::What, fields::Name, page::Page};

pub(crate) async fn insert(tx: &mut OrgTx, new: &NewService) -> Result<Service, sqlx::Error> {
    sqlx::query_as(
        "INSERT INTO booking.service
           (org_id, id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, active)
         VALUES ($1, $2, $3, $4, $5, $6, true)
         RETURNING id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, active",
    )
    .bind(tx.org())
    .bind(ServiceId::new())
    .bind(new.name.as_str())
    .bind(new.duration_minutes)
    .bind(new.buffer_before_minutes)
    .bind(new.buffer_after_minutes)
    .fetch_one(&mut **tx)
    .await
}

pub(crate) async fn load(tx: &mut OrgTx, id: ServiceId) -> Result<Option<Service>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, active
         FROM booking.service WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await
}

/// The active service that is asked for.
pub(crate) async fn choose(tx: &mut OrgTx, which: &WhichService) -> Result<Service, Error> {
    let (id, part) = match which {
        WhichService::First => (None, None),
        WhichService::One(id) => (Some(*id), None),
        WhichService::Named(part) => (None, Some(part)),
    };
    let found: Option<Service> = sqlx::query_as(
        "SELECT id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, active
         FROM booking.service
         WHERE org_id = $1 AND active AND ($2::uuid IS NULL OR id = $2)
           AND ($3::text IS NULL OR position(lower($3) IN lower(name)) > 0)
         ORDER BY CASE WHEN $3::text IS NOT NULL THEN name END, id LIMIT 1",
    )
    .bind(tx.org())
    .bind(id)
    .bind(part)
    .fetch_optional(&mut **tx)
    .await?;
    found.ok_or(match which {
        WhichService::Named(_) => Error::NotNamed(What::Service),
        WhichService::First | WhichService::One(_) => Error::NotFound(What::Service),
    })
}

pub(crate) async fn list(tx: &mut OrgTx, page: &Page<Uuid>) -> Result<Vec<Service>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, active
         FROM booking.service
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
    id: ServiceId,
    changes: &Changes,
) -> Result<Option<Service>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE booking.service
         SET name = coalesce($3, name), duration_minutes = coalesce($4, duration_minutes),
             buffer_before_minutes = coalesce($5, buffer_before_minutes),
             buffer_after_minutes = coalesce($6, buffer_after_minutes),
             active = coalesce($7, active)
         WHERE org_id = $1 AND id = $2
         RETURNING id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, active",
    )
    .bind(tx.org())
    .bind(id)
    .bind(changes.name.as_ref().map(Name::as_str))
    .bind(changes.duration_minutes)
    .bind(changes.buffer_before_minutes)
    .bind(changes.buffer_after_minutes)
    .bind(changes.active)
    .fetch_optional(&mut **tx)
    .await
}

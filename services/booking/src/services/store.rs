//! Every statement about services.

use uuid::Uuid;
use voxanne_ids::ServiceId;
use voxanne_pg::OrgTx;

use super::Service;
use crate::{
    Error,
    availability::find::WhichService,
    error::{What, violates},
    page::Page,
};

/// The columns of [`Service`]; what follows chooses and orders the rows.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, active,
                    price_minor, price_currency, location_id, room_kind, approval,
                    minimum_notice_minutes, horizon_days, daily_limit, patients, step_minutes,
                    change_notice_minutes,
                    ARRAY(SELECT provider_id FROM booking.service_provider offers
                          WHERE offers.org_id = service.org_id AND offers.service_id = service.id
                          ORDER BY provider_id) AS providers
             FROM booking.service WHERE org_id = $1 ",
            $tail
        )
    };
}

pub(crate) async fn insert(tx: &mut OrgTx, service: &Service) -> Result<(), Error> {
    sqlx::query("INSERT INTO booking.service (org_id, id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, active)
         VALUES ($1, $2, $3, $4, $5, $6, $7)")
    .bind(tx.org())
    .bind(service.id)
    .bind(&service.name)
    .bind(service.duration_minutes)
    .bind(service.buffer_before_minutes)
    .bind(service.buffer_after_minutes)
    .bind(service.active)
    .execute(&mut **tx)
    .await?;
    update(tx, service).await
}

pub(crate) async fn update(tx: &mut OrgTx, service: &Service) -> Result<(), Error> {
    let terms = &service.terms;
    sqlx::query(
        "UPDATE booking.service
         SET name = $3, duration_minutes = $4, buffer_before_minutes = $5,
             buffer_after_minutes = $6, active = $7, price_minor = $8, price_currency = $9,
             location_id = $10, room_kind = $11, approval = $12, minimum_notice_minutes = $13,
             horizon_days = $14, daily_limit = $15, patients = $16, step_minutes = $17,
             change_notice_minutes = $18
         WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(service.id)
    .bind(&service.name)
    .bind(service.duration_minutes)
    .bind(service.buffer_before_minutes)
    .bind(service.buffer_after_minutes)
    .bind(service.active)
    .bind(terms.price_minor)
    .bind(&terms.price_currency)
    .bind(terms.location)
    .bind(&terms.room_kind)
    .bind(terms.approval)
    .bind(terms.minimum_notice_minutes)
    .bind(terms.horizon_days)
    .bind(terms.daily_limit)
    .bind(terms.patients)
    .bind(terms.step_minutes)
    .bind(terms.change_notice_minutes)
    .execute(&mut **tx)
    .await
    .map_err(|error| not_there(error, "service_location_fkey", What::Location))?;
    Ok(())
}

/// Puts who offers the service in the place of who did.
pub(crate) async fn replace_providers(tx: &mut OrgTx, service: &Service) -> Result<(), Error> {
    let providers = &service.terms.providers;
    sqlx::query(
        "DELETE FROM booking.service_provider
         WHERE org_id = $1 AND service_id = $2 AND provider_id <> ALL($3)",
    )
    .bind(tx.org())
    .bind(service.id)
    .bind(providers)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO booking.service_provider (org_id, service_id, provider_id)
         SELECT $1, $2, unnest($3::uuid[]) ON CONFLICT DO NOTHING",
    )
    .bind(tx.org())
    .bind(service.id)
    .bind(providers)
    .execute(&mut **tx)
    .await
    .map_err(|error| not_there(error, "service_provider_provider_fkey", What::Provider))?;
    Ok(())
}

fn not_there(error: sqlx::Error, constraint: &str, what: What) -> Error {
    if violates(&error, constraint) {
        Error::NotFound(what)
    } else {
        error.into()
    }
}

pub(crate) async fn load(tx: &mut OrgTx, id: ServiceId) -> Result<Option<Service>, sqlx::Error> {
    sqlx::query_as(select!("AND id = $2"))
        .bind(tx.org())
        .bind(id)
        .fetch_optional(&mut **tx)
        .await
}

/// The service; nobody else changes it, and nothing new refers to it, until the end of this
/// transaction.
pub(crate) async fn lock(tx: &mut OrgTx, id: ServiceId) -> Result<Option<Service>, sqlx::Error> {
    sqlx::query_as(select!("AND id = $2 FOR UPDATE"))
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
    let found: Option<Service> = sqlx::query_as(select!(
        "AND active AND ($2::uuid IS NULL OR id = $2)
         AND ($3::text IS NULL OR position(lower($3) IN lower(name)) > 0)
         ORDER BY CASE WHEN $3::text IS NOT NULL THEN name END, id LIMIT 1"
    ))
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
    sqlx::query_as(select!(
        "AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3"
    ))
    .bind(tx.org())
    .bind(page.after)
    .bind(page.rows())
    .fetch_all(&mut **tx)
    .await
}

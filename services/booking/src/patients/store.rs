//! Every statement about patients.

use uuid::Uuid;
use voxanne_ids::PatientId;
use voxanne_pg::OrgTx;

use super::{Changes, NewPatient, Patient};
use crate::{Error, error::violates, page::Page};

/// The patient with this number and name, made when there is none. A new address is kept.
pub(crate) async fn find_or_insert(
    tx: &mut OrgTx,
    new: &NewPatient,
) -> Result<Patient, sqlx::Error> {
    sqlx::query_as(
        "INSERT INTO booking.patient AS known (org_id, id, name, phone, email)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (org_id, phone, lower(name)) DO UPDATE
           SET email = coalesce(excluded.email, known.email)
         RETURNING id, name, phone, email",
    )
    .bind(tx.org())
    .bind(PatientId::new())
    .bind(new.name.expose().as_str())
    .bind(new.phone.expose().as_str())
    .bind(new.email.as_ref().map(|email| email.expose().as_str()))
    .fetch_one(&mut **tx)
    .await
}

pub(crate) async fn load(tx: &mut OrgTx, id: PatientId) -> Result<Option<Patient>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, name, phone, email FROM booking.patient WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await
}

pub(crate) async fn list(tx: &mut OrgTx, page: &Page<Uuid>) -> Result<Vec<Patient>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, name, phone, email FROM booking.patient
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
    id: PatientId,
    changes: &Changes,
) -> Result<Option<Patient>, Error> {
    let email = changes.email.as_ref();
    sqlx::query_as(
        "UPDATE booking.patient
         SET name = coalesce($3, name), phone = coalesce($4, phone),
             email = CASE WHEN $5 THEN $6 ELSE email END
         WHERE org_id = $1 AND id = $2 RETURNING id, name, phone, email",
    )
    .bind(tx.org())
    .bind(id)
    .bind(changes.name.as_ref().map(|name| name.expose().as_str()))
    .bind(changes.phone.as_ref().map(|phone| phone.expose().as_str()))
    .bind(email.is_some())
    .bind(
        email
            .and_then(Option::as_ref)
            .map(|email| email.expose().as_str()),
    )
    .fetch_optional(&mut **tx)
    .await
    .map_err(|error| {
        if violates(&error, "patient_same_person") {
            Error::PatientExists
        } else {
            error.into()
        }
    })
}

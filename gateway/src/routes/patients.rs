//! People who are seen.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::booking::v1 as proto;

use super::{
    id::Id,
    list::{List, Paging},
    part::{promised, told},
};
use crate::{
    App,
    auth::Member,
    body::{Body, Form, Parameters},
    reply::Refusal,
};

/// A person who is seen.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Patient {
    /// Absent while the patient is known from one booking only.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[schema(value_type = String)]
    name: Private<String>,
    /// E.164.
    #[schema(value_type = String)]
    phone: Private<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    email: Option<Private<String>>,
}

impl From<proto::Patient> for Patient {
    fn from(patient: proto::Patient) -> Self {
        Self {
            id: told(patient.id),
            name: patient.name.into(),
            phone: patient.phone.into(),
            email: told(patient.email).map(Private::new),
        }
    }
}

/// A patient to add.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewPatient {
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    name: Private<String>,
    #[schema(value_type = String, min_length = 3, max_length = 40)]
    phone: Private<String>,
    #[schema(value_type = Option<String>, format = "email", max_length = 254)]
    email: Option<Private<String>>,
}

impl Form for NewPatient {}

/// What is to change of a patient.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PatientChange {
    #[schema(value_type = Option<String>, min_length = 1, max_length = 120)]
    name: Option<Private<String>>,
    #[schema(value_type = Option<String>, min_length = 3, max_length = 40)]
    phone: Option<Private<String>>,
    #[schema(value_type = Option<String>, format = "email", max_length = 254)]
    email: Option<Private<String>>,
}

impl Form for PatientChange {}

/// Lists the patients.
#[utoipa::path(get, path = "/patients", tag = "clinic", params(Paging),
    responses((status = 200, description = "A page of patients", body = List<Patient>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<Patient>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::ListPatientsRequest { limit, cursor });
    let page = clinic.client().list_patients(request).await?.into_inner();
    Ok(Json(List::new(page.patients, page.next_cursor)))
}

/// Adds a patient.
#[utoipa::path(post, path = "/patients", tag = "clinic", request_body = NewPatient,
    responses(
    (status = 201, description = "The patient", body = Patient),
    (status = 409, description = "PATIENT_EXISTS")))]
pub(crate) async fn create(
    State(app): State<App>,
    Member(tenant): Member,
    Body(new): Body<NewPatient>,
) -> Result<(StatusCode, Json<Patient>), Refusal> {
    let clinic = &app.clients.clinic;
    let message = proto::CreatePatientRequest {
        name: new.name.into_exposed(),
        phone: new.phone.into_exposed(),
        email: new.email.unwrap_or_default().into_exposed(),
    };
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().create_patient(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(promised(answer.patient)?.into())))
}

/// Shows a patient.
#[utoipa::path(get, path = "/patients/{id}", tag = "clinic",
    params(("id" = String, Path, description = "`pat_…`")), responses(
    (status = 200, description = "The patient", body = Patient),
    (status = 404, description = "PATIENT_NOT_FOUND")))]
pub(crate) async fn get(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Json<Patient>, Refusal> {
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::GetPatientRequest { id });
    let answer = clinic.client().get_patient(request).await?.into_inner();
    Ok(Json(promised(answer.patient)?.into()))
}

/// Changes a patient.
#[utoipa::path(patch, path = "/patients/{id}", tag = "clinic", request_body = PatientChange,
    params(("id" = String, Path, description = "`pat_…`")), responses(
    (status = 200, description = "The patient", body = Patient),
    (status = 404, description = "PATIENT_NOT_FOUND")))]
pub(crate) async fn update(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(change): Body<PatientChange>,
) -> Result<Json<Patient>, Refusal> {
    let clinic = &app.clients.clinic;
    let message = proto::UpdatePatientRequest {
        id,
        name: change.name.map(Private::into_exposed),
        phone: change.phone.map(Private::into_exposed),
        email: change.email.map(Private::into_exposed),
    };
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().update_patient(request).await?.into_inner();
    Ok(Json(promised(answer.patient)?.into()))
}

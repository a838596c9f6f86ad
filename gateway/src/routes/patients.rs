//! People who are seen.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
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
    name: String,
    /// E.164.
    phone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

impl From<proto::Patient> for Patient {
    fn from(patient: proto::Patient) -> Self {
        Self {
            id: told(patient.id),
            name: patient.name,
            phone: patient.phone,
            email: told(patient.email),
        }
    }
}

/// A patient to add.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewPatient {
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    #[schema(min_length = 3, max_length = 40)]
    phone: String,
    #[schema(format = "email", max_length = 254)]
    email: Option<String>,
}

impl Form for NewPatient {}

/// What is to change of a patient.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PatientChange {
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[schema(min_length = 3, max_length = 40)]
    phone: Option<String>,
    #[schema(format = "email", max_length = 254)]
    email: Option<String>,
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
        name: new.name,
        phone: new.phone,
        email: new.email.unwrap_or_default(),
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
        name: change.name,
        phone: change.phone,
        email: change.email,
    };
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().update_patient(request).await?.into_inner();
    Ok(Json(promised(answer.patient)?.into()))
}

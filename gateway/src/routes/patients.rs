//! People who are seen.

#![expect(
    unused_qualifications,
    reason = "written by the macro that documents the route"
)]

pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod merge;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use voxanne_privacy::Private;
use voxanne_problem::Violations;
use voxanne_proto::booking::v1 as proto;

use super::{
    id::Id,
    list::List,
    moment,
    part::{promised, told},
};
use crate::{
    App,
    auth::Member,
    body::{Body, Form, Parameters, is_given},
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
    /// E.164; empty when the patient was merged or erased.
    #[schema(value_type = String)]
    phone: Private<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    email: Option<Private<String>>,
    /// A day such as `1980-02-29`. This and what follows is not told with bookings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    date_of_birth: Option<Private<String>>,
    /// Every number, the main one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, required = false)]
    phones: Vec<Private<String>>,
    /// Who the patient is now, when two were made one.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into_id: Option<String>,
    /// When what says who the patient was was replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_at: Option<String>,
}

impl From<proto::Patient> for Patient {
    fn from(patient: proto::Patient) -> Self {
        Self {
            id: told(patient.id),
            name: patient.name.into(),
            phone: patient.phone.into(),
            email: told(patient.email).map(Private::new),
            date_of_birth: told(patient.date_of_birth).map(Private::new),
            phones: patient.phones.into_iter().map(Private::new).collect(),
            merged_into_id: told(patient.merged_into_id),
            erased_at: moment::text(patient.erased_at),
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
    #[schema(value_type = Option<String>, format = "date")]
    date_of_birth: Option<Private<String>>,
    /// Numbers beside the main one.
    #[schema(value_type = Option<Vec<String>>, max_items = 19)]
    phones: Option<Vec<Private<String>>>,
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
    /// Empty removes it.
    #[schema(value_type = Option<String>, max_length = 10)]
    date_of_birth: Option<Private<String>>,
    /// Every number instead of those there are, the main one first.
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 20)]
    phones: Option<Vec<Private<String>>>,
}

impl Form for PatientChange {
    fn rules(form: &Value, wrong: &mut Violations) {
        if is_given(form, "phone") && is_given(form, "phones") {
            wrong.add("phones", "CONFLICT", "give `phone` or `phones`, not both");
        }
    }
}

/// Which patients are asked for. To search takes `patients:write`.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only those with this number.
    #[param(value_type = Option<String>, min_length = 3, max_length = 40)]
    phone: Option<Private<String>>,
    /// Only those whose name holds this, whatever its case, accents and blanks.
    #[param(value_type = Option<String>, min_length = 1, max_length = 120)]
    q: Option<Private<String>>,
    /// How many at most; 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

fn exposed(phones: Vec<Private<String>>) -> Vec<String> {
    phones.into_iter().map(Private::into_exposed).collect()
}

/// Lists the patients, or searches among them. Who was merged or erased is not listed.
#[utoipa::path(get, path = "/patients", tag = "clinic", params(Filter),
    responses((status = 200, description = "A page of patients", body = List<Patient>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<List<Patient>>, Refusal> {
    let clinic = &app.clients.clinic;
    let message = proto::ListPatientsRequest {
        limit: filter.limit.unwrap_or(0),
        cursor: filter.cursor.unwrap_or_default(),
        phone: filter.phone.unwrap_or_default().into_exposed(),
        query: filter.q.unwrap_or_default().into_exposed(),
    };
    let request = clinic.request(&tenant, message);
    let page = clinic.client().list_patients(request).await?.into_inner();
    Ok(Json(List::new(page.patients, page.next_cursor)))
}

/// Adds a patient, or finds it: number with name or date of birth say who it is.
#[utoipa::path(post, path = "/patients", tag = "clinic", request_body = NewPatient,
    responses(
    (status = 201, description = "The patient", body = Patient),
    (status = 409, description = "PATIENT_AMBIGUOUS")))]
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
        date_of_birth: new.date_of_birth.unwrap_or_default().into_exposed(),
        further_phones: exposed(new.phones.unwrap_or_default()),
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
    (status = 404, description = "PATIENT_NOT_FOUND"),
    (status = 409, description = "PATIENT_EXISTS, PATIENT_MERGED, PATIENT_ERASED, TOO_MANY_PHONES")))]
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
        date_of_birth: change.date_of_birth.map(Private::into_exposed),
        phones: change.phones.map(|phones| proto::Phones {
            numbers: exposed(phones),
        }),
    };
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().update_patient(request).await?.into_inner();
    Ok(Json(promised(answer.patient)?.into()))
}

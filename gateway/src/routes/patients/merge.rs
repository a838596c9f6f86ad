//! `POST /api/org/{orgId}/patients/{id}/merge`

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_proto::booking::v1::MergePatientsRequest;

use super::Patient;
use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// Who stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Merge {
    /// The patient to whom bookings, tasks and numbers move.
    #[schema(format = "patient-id")]
    into_id: String,
}

impl Form for Merge {}

/// Makes one patient of two; the one in the path stays as a tombstone that points to the other.
#[utoipa::path(post, path = "/patients/{id}/merge", tag = "clinic", request_body = Merge,
    params(("id" = String, Path, description = "`pat_…`")), responses(
    (status = 200, description = "The patient who stays", body = Patient),
    (status = 404, description = "PATIENT_NOT_FOUND"),
    (status = 409, description = "PATIENT_MERGED with `intoId`, PATIENT_ERASED, TOO_MANY_PHONES")))]
pub(crate) async fn merge(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(form): Body<Merge>,
) -> Result<Json<Patient>, Refusal> {
    let patients = &app.clients.patients;
    let into_id = form.into_id;
    let request = patients.request(&tenant, MergePatientsRequest { id, into_id });
    let answer = patients
        .client()
        .merge_patients(request)
        .await?
        .into_inner();
    Ok(Json(promised(answer.patient)?.into()))
}

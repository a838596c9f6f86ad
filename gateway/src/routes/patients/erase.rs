//! `DELETE /api/org/{orgId}/patients/{id}`

use axum::{extract::State, http::StatusCode};
use voxanne_proto::booking::v1::ErasePatientRequest;

use crate::{App, auth::Member, reply::Refusal, routes::id::Id};

/// Erases who the patient was. Past bookings stay without the person.
#[utoipa::path(delete, path = "/patients/{id}", tag = "clinic",
    params(("id" = String, Path, description = "`pat_…`")), responses(
    (status = 204, description = "The patient is erased"),
    (status = 404, description = "PATIENT_NOT_FOUND"),
    (status = 409, description = "PATIENT_HAS_BOOKINGS with `bookingIds`, PATIENT_MERGED with `intoId`")))]
pub(crate) async fn erase(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let patients = &app.clients.patients;
    let request = patients.request(&tenant, ErasePatientRequest { id });
    patients.client().erase_patient(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

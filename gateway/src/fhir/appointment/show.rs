//! `GET /api/org/{orgId}/fhir/Appointment/{id}`

use axum::extract::State;
use voxanne_proto::booking::v1::GetBookingRequest;

use super::Appointment;
use crate::{
    App,
    auth::Member,
    fhir::{Fhir, id},
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// Shows a booking. What is only proposed or held is nowhere to be read.
#[utoipa::path(get, path = "/fhir/Appointment/{id}", tag = "fhir",
    params(("id" = String, Path, description = "`bkg-…`")), responses(
    (status = 200, description = "The appointment", body = Appointment,
        content_type = "application/fhir+json"),
    (status = 404, description = "BOOKING_NOT_FOUND")))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Fhir<Appointment>, Refusal> {
    let booking = &app.clients.booking;
    let wanted = GetBookingRequest { id: id::read(&id) };
    let request = booking.request(&tenant, wanted);
    let answer = booking.client().get_booking(request).await?.into_inner();
    Ok(Fhir(promised(answer.booking)?.into()))
}

//! `Location`: where a clinic sees its patients.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use super::{Fhir, id, types::Extension};
use crate::{
    App,
    auth::Member,
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// HL7's own extension for the zone that a place is in.
const TIME_ZONE: &str = "http://hl7.org/fhir/StructureDefinition/timezone";

/// Where patients are seen.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FhirLocation)]
pub(crate) struct Location {
    /// Location.
    resource_type: &'static str,
    id: String,
    /// The time zone.
    extension: Vec<Extension>,
    /// active or inactive.
    status: &'static str,
    name: String,
}

/// Shows a location.
#[utoipa::path(get, path = "/fhir/Location/{id}", tag = "fhir",
    params(("id" = String, Path, description = "`loc-…`")), responses(
    (status = 200, description = "The location", body = Location,
        content_type = "application/fhir+json"),
    (status = 404, description = "LOCATION_NOT_FOUND")))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Fhir<Location>, Refusal> {
    let clinic = &app.clients.clinic;
    let wanted = proto::GetLocationRequest { id: id::read(&id) };
    let request = clinic.request(&tenant, wanted);
    let answer = clinic.client().get_location(request).await?.into_inner();
    let location = promised(answer.location)?;
    Ok(Fhir(Location {
        resource_type: "Location",
        id: id::written(&location.id),
        extension: vec![Extension::code(TIME_ZONE, location.time_zone)],
        status: if location.active {
            "active"
        } else {
            "inactive"
        },
        name: location.name,
    }))
}

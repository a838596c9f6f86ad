//! Places where patients are seen.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use super::{
    id::Id,
    list::{List, Paging},
    part::promised,
};
use crate::{
    App,
    auth::Member,
    body::{Body, Form, Parameters},
    reply::Refusal,
};

/// A place where patients are seen.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location {
    id: String,
    name: String,
    /// IANA name.
    time_zone: String,
    /// Nobody is booked at an inactive location.
    active: bool,
}

impl From<proto::Location> for Location {
    fn from(location: proto::Location) -> Self {
        Self {
            id: location.id,
            name: location.name,
            time_zone: location.time_zone,
            active: location.active,
        }
    }
}

/// A location to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewLocation {
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    /// IANA name.
    #[schema(format = "time-zone")]
    time_zone: String,
}

impl Form for NewLocation {}

/// What is to change of a location.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LocationChange {
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[schema(format = "time-zone")]
    time_zone: Option<String>,
    active: Option<bool>,
}

impl Form for LocationChange {}

/// Lists the locations.
#[utoipa::path(get, path = "/locations", tag = "clinic", params(Paging),
    responses((status = 200, description = "A page of locations", body = List<Location>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<Location>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::ListLocationsRequest { limit, cursor });
    let page = clinic.client().list_locations(request).await?.into_inner();
    Ok(Json(List::new(page.locations, page.next_cursor)))
}

/// Opens a location.
#[utoipa::path(post, path = "/locations", tag = "clinic", request_body = NewLocation,
    responses((status = 201, description = "The location", body = Location)))]
pub(crate) async fn create(
    State(app): State<App>,
    Member(tenant): Member,
    Body(new): Body<NewLocation>,
) -> Result<(StatusCode, Json<Location>), Refusal> {
    let clinic = &app.clients.clinic;
    let message = proto::CreateLocationRequest {
        name: new.name,
        time_zone: new.time_zone,
    };
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().create_location(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(promised(answer.location)?.into())))
}

/// Shows a location.
#[utoipa::path(get, path = "/locations/{id}", tag = "clinic",
    params(("id" = String, Path, description = "`loc_…`")), responses(
    (status = 200, description = "The location", body = Location),
    (status = 404, description = "LOCATION_NOT_FOUND")))]
pub(crate) async fn get(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Json<Location>, Refusal> {
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::GetLocationRequest { id });
    let answer = clinic.client().get_location(request).await?.into_inner();
    Ok(Json(promised(answer.location)?.into()))
}

/// Changes a location.
#[utoipa::path(patch, path = "/locations/{id}", tag = "clinic", request_body = LocationChange,
    params(("id" = String, Path, description = "`loc_…`")), responses(
    (status = 200, description = "The location", body = Location),
    (status = 404, description = "LOCATION_NOT_FOUND")))]
pub(crate) async fn update(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(change): Body<LocationChange>,
) -> Result<Json<Location>, Refusal> {
    let clinic = &app.clients.clinic;
    let message = proto::UpdateLocationRequest {
        id,
        name: change.name,
        time_zone: change.time_zone,
        active: change.active,
    };
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().update_location(request).await?.into_inner();
    Ok(Json(promised(answer.location)?.into()))
}

/// Closes a location. Visits of the past keep it.
#[utoipa::path(delete, path = "/locations/{id}", tag = "clinic",
    params(("id" = String, Path, description = "`loc_…`")), responses(
    (status = 204, description = "It is gone"),
    (status = 409, description = "LOCATION_IN_USE"),
    (status = 404, description = "LOCATION_NOT_FOUND")))]
pub(crate) async fn delete(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::DeleteLocationRequest { id });
    clinic.client().delete_location(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Kinds of appointments.

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

/// A kind of appointment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Service {
    id: String,
    name: String,
    duration_minutes: u32,
    /// Kept free before the appointment.
    buffer_before_minutes: u32,
    /// Kept free after the appointment.
    buffer_after_minutes: u32,
    active: bool,
}

impl From<proto::Service> for Service {
    fn from(service: proto::Service) -> Self {
        Self {
            id: service.id,
            name: service.name,
            duration_minutes: service.duration_minutes,
            buffer_before_minutes: service.buffer_before_minutes,
            buffer_after_minutes: service.buffer_after_minutes,
            active: service.active,
        }
    }
}

/// A service to offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewService {
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    #[schema(minimum = 5, maximum = 720)]
    duration_minutes: u32,
    #[schema(maximum = 240)]
    buffer_before_minutes: Option<u32>,
    #[schema(maximum = 240)]
    buffer_after_minutes: Option<u32>,
}

impl Form for NewService {}

/// What is to change of a service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServiceChange {
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[schema(minimum = 5, maximum = 720)]
    duration_minutes: Option<u32>,
    #[schema(maximum = 240)]
    buffer_before_minutes: Option<u32>,
    #[schema(maximum = 240)]
    buffer_after_minutes: Option<u32>,
    active: Option<bool>,
}

impl Form for ServiceChange {}

/// Lists the services.
#[utoipa::path(get, path = "/services", tag = "clinic", params(Paging),
    responses((status = 200, description = "A page of services", body = List<Service>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<Service>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::ListServicesRequest { limit, cursor });
    let page = clinic.client().list_services(request).await?.into_inner();
    Ok(Json(List::new(page.services, page.next_cursor)))
}

/// Offers a service.
#[utoipa::path(post, path = "/services", tag = "clinic", request_body = NewService,
    responses((status = 201, description = "The service", body = Service)))]
pub(crate) async fn create(
    State(app): State<App>,
    Member(tenant): Member,
    Body(new): Body<NewService>,
) -> Result<(StatusCode, Json<Service>), Refusal> {
    let clinic = &app.clients.clinic;
    let message = proto::CreateServiceRequest {
        name: new.name,
        duration_minutes: new.duration_minutes,
        buffer_before_minutes: new.buffer_before_minutes.unwrap_or(0),
        buffer_after_minutes: new.buffer_after_minutes.unwrap_or(0),
    };
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().create_service(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(promised(answer.service)?.into())))
}

/// Shows a service.
#[utoipa::path(get, path = "/services/{id}", tag = "clinic",
    params(("id" = String, Path, description = "`svc_…`")), responses(
    (status = 200, description = "The service", body = Service),
    (status = 404, description = "SERVICE_NOT_FOUND")))]
pub(crate) async fn get(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Json<Service>, Refusal> {
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::GetServiceRequest { id });
    let answer = clinic.client().get_service(request).await?.into_inner();
    Ok(Json(promised(answer.service)?.into()))
}

/// Changes a service.
#[utoipa::path(patch, path = "/services/{id}", tag = "clinic", request_body = ServiceChange,
    params(("id" = String, Path, description = "`svc_…`")), responses(
    (status = 200, description = "The service", body = Service),
    (status = 404, description = "SERVICE_NOT_FOUND")))]
pub(crate) async fn update(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(change): Body<ServiceChange>,
) -> Result<Json<Service>, Refusal> {
    let clinic = &app.clients.clinic;
    let message = proto::UpdateServiceRequest {
        id,
        name: change.name,
        duration_minutes: change.duration_minutes,
        buffer_before_minutes: change.buffer_before_minutes,
        buffer_after_minutes: change.buffer_after_minutes,
        active: change.active,
    };
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().update_service(request).await?.into_inner();
    Ok(Json(promised(answer.service)?.into()))
}

//! Kinds of appointments.

mod forms;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use self::forms::Price;
pub(crate) use self::forms::{NewService, ServiceChange};
use super::{
    id::Id,
    list::{List, Paging},
    part::promised,
};
use crate::{
    App,
    auth::Member,
    body::{Body, Parameters},
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
    price: Option<Price>,
    /// Who offers it; everybody when empty.
    provider_ids: Vec<String>,
    /// At this location only.
    location_id: Option<String>,
    /// The kind of room or device it needs.
    room_kind: Option<String>,
    /// `instant` or `approval`: whether staff approve each booking.
    approval: String,
    minimum_notice_minutes: u32,
    /// How many civil days ahead it is booked.
    horizon_days: u32,
    /// Visits per provider and civil day.
    daily_limit: Option<u32>,
    /// Who may book it: `anyone`, `new` or `returning`.
    patients: String,
    /// From one start to the next; the length of the visit unless set.
    step_minutes: Option<u32>,
    /// Between a call that moves or cancels a visit and the visit; staff may always.
    change_notice_minutes: u32,
}

impl From<proto::Service> for Service {
    fn from(service: proto::Service) -> Self {
        let terms = service.terms.unwrap_or_default();
        Self {
            id: service.id,
            name: service.name,
            duration_minutes: service.duration_minutes,
            buffer_before_minutes: service.buffer_before_minutes,
            buffer_after_minutes: service.buffer_after_minutes,
            active: service.active,
            price: terms.price.map(Into::into),
            provider_ids: terms.providers.unwrap_or_default().ids,
            location_id: terms.location_id,
            room_kind: terms.room_kind,
            approval: terms.approval.unwrap_or_default(),
            minimum_notice_minutes: terms.minimum_notice_minutes.unwrap_or_default(),
            horizon_days: terms.horizon_days.unwrap_or_default(),
            daily_limit: terms.daily_limit,
            patients: terms.patients.unwrap_or_default(),
            step_minutes: terms.step_minutes,
            change_notice_minutes: terms.change_notice_minutes.unwrap_or_default(),
        }
    }
}

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
    let request = clinic.request(&tenant, proto::CreateServiceRequest::from(new));
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
        ..change.into()
    };
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().update_service(request).await?.into_inner();
    Ok(Json(promised(answer.service)?.into()))
}

/// Deactivates a service. Visits of the past keep it.
#[utoipa::path(delete, path = "/services/{id}", tag = "clinic",
    params(("id" = String, Path, description = "`svc_…`")), responses(
    (status = 204, description = "It is gone"),
    (status = 409, description = "SERVICE_IN_USE"),
    (status = 404, description = "SERVICE_NOT_FOUND")))]
pub(crate) async fn delete(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::DeleteServiceRequest { id });
    clinic.client().delete_service(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

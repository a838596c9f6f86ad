//! People whose time is booked.

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

/// A person whose time is booked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Provider {
    id: String,
    name: String,
    location_id: String,
    /// An inactive provider is not offered.
    active: bool,
}

impl From<proto::Provider> for Provider {
    fn from(provider: proto::Provider) -> Self {
        Self {
            id: provider.id,
            name: provider.name,
            location_id: provider.location_id,
            active: provider.active,
        }
    }
}

/// A provider to add; without hours of its own it works the clinic's default week.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewProvider {
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    /// The clinic's first location unless said.
    #[schema(format = "location-id")]
    location_id: Option<String>,
}

impl Form for NewProvider {}

/// What is to change of a provider.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ProviderChange {
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[schema(format = "location-id")]
    location_id: Option<String>,
    active: Option<bool>,
}

impl Form for ProviderChange {}

/// Lists the providers.
#[utoipa::path(get, path = "/providers", tag = "clinic", params(Paging),
    responses((status = 200, description = "A page of providers", body = List<Provider>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<Provider>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::ListProvidersRequest { limit, cursor });
    let page = clinic.client().list_providers(request).await?.into_inner();
    Ok(Json(List::new(page.providers, page.next_cursor)))
}

/// Adds a provider.
#[utoipa::path(post, path = "/providers", tag = "clinic", request_body = NewProvider,
    responses((status = 201, description = "The provider", body = Provider)))]
pub(crate) async fn create(
    State(app): State<App>,
    Member(tenant): Member,
    Body(new): Body<NewProvider>,
) -> Result<(StatusCode, Json<Provider>), Refusal> {
    let clinic = &app.clients.clinic;
    let message = proto::CreateProviderRequest {
        name: new.name,
        location_id: new.location_id.unwrap_or_default(),
    };
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().create_provider(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(promised(answer.provider)?.into())))
}

/// Shows a provider.
#[utoipa::path(get, path = "/providers/{id}", tag = "clinic",
    params(("id" = String, Path, description = "`prv_…`")), responses(
    (status = 200, description = "The provider", body = Provider),
    (status = 404, description = "PROVIDER_NOT_FOUND")))]
pub(crate) async fn get(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Json<Provider>, Refusal> {
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::GetProviderRequest { id });
    let answer = clinic.client().get_provider(request).await?.into_inner();
    Ok(Json(promised(answer.provider)?.into()))
}

/// Changes a provider.
#[utoipa::path(patch, path = "/providers/{id}", tag = "clinic", request_body = ProviderChange,
    params(("id" = String, Path, description = "`prv_…`")), responses(
    (status = 200, description = "The provider", body = Provider),
    (status = 404, description = "PROVIDER_NOT_FOUND")))]
pub(crate) async fn update(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(change): Body<ProviderChange>,
) -> Result<Json<Provider>, Refusal> {
    let clinic = &app.clients.clinic;
    let message = proto::UpdateProviderRequest {
        id,
        name: change.name,
        location_id: change.location_id,
        active: change.active,
    };
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().update_provider(request).await?.into_inner();
    Ok(Json(promised(answer.provider)?.into()))
}

/// Deactivates a provider. Visits of the past keep it.
#[utoipa::path(delete, path = "/providers/{id}", tag = "clinic",
    params(("id" = String, Path, description = "`prv_…`")), responses(
    (status = 204, description = "It is gone"),
    (status = 409, description = "PROVIDER_IN_USE"),
    (status = 404, description = "PROVIDER_NOT_FOUND")))]
pub(crate) async fn delete(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::DeleteProviderRequest { id });
    clinic.client().delete_provider(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

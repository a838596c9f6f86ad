//! `Practitioner`: a provider.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use super::{Fhir, id, types::HumanName};
use crate::{
    App,
    auth::Member,
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// A person whose time is booked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FhirPractitioner)]
pub(crate) struct Practitioner {
    /// Practitioner.
    resource_type: &'static str,
    id: String,
    active: bool,
    name: Vec<HumanName>,
}

/// Shows a practitioner.
#[utoipa::path(get, path = "/fhir/Practitioner/{id}", tag = "fhir",
    params(("id" = String, Path, description = "`prv-…`")), responses(
    (status = 200, description = "The practitioner", body = Practitioner,
        content_type = "application/fhir+json"),
    (status = 404, description = "PROVIDER_NOT_FOUND")))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Fhir<Practitioner>, Refusal> {
    let clinic = &app.clients.clinic;
    let wanted = proto::GetProviderRequest { id: id::read(&id) };
    let request = clinic.request(&tenant, wanted);
    let answer = clinic.client().get_provider(request).await?.into_inner();
    let provider = promised(answer.provider)?;
    Ok(Fhir(Practitioner {
        resource_type: "Practitioner",
        id: id::written(&provider.id),
        active: provider.active,
        name: vec![HumanName {
            text: provider.name.into(),
        }],
    }))
}

//! `HealthcareService`: what a clinic offers.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use voxanne_problem::Violations;
use voxanne_proto::booking::v1 as proto;

use super::{
    Fhir,
    base::Base,
    bundle::{Bundle, Resource},
    given::{Given, PAGING},
    id,
    types::CodeableConcept,
};
use crate::{
    App,
    auth::Member,
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// What a clinic offers. Its code is what `service-type` and `visit-type` take.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FhirHealthcareService)]
pub(crate) struct HealthcareService {
    /// `HealthcareService`.
    resource_type: &'static str,
    id: String,
    active: bool,
    r#type: Vec<CodeableConcept>,
    name: String,
    /// How long it takes, in words.
    comment: String,
    appointment_required: bool,
}

impl Resource for HealthcareService {
    const TYPE: &'static str = "HealthcareService";

    fn id(&self) -> &str {
        &self.id
    }
}

impl From<proto::Service> for HealthcareService {
    fn from(service: proto::Service) -> Self {
        Self {
            resource_type: Self::TYPE,
            id: id::written(&service.id),
            active: service.active,
            r#type: vec![CodeableConcept::service(&service.id, &service.name)],
            name: service.name,
            comment: format!("{} minutes", service.duration_minutes),
            appointment_required: true,
        }
    }
}

/// Lists what is offered.
#[utoipa::path(get, path = "/fhir/HealthcareService", tag = "fhir",
    params(("_count" = Option<u32>, Query, description = "1 to 200; 50 unless said"),
        ("_cursor" = Option<String>, Query, description = "As the link `next` has it")),
    responses((status = 200, description = "A page of services",
        body = Bundle<HealthcareService>, content_type = "application/fhir+json")))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    given: Given,
) -> Result<Fhir<Bundle<HealthcareService>>, Refusal> {
    let mut wrong = Violations::default();
    given.only(&PAGING, &mut wrong);
    let limit = given.count(&mut wrong);
    let cursor = given.cursor(&mut wrong).to_owned();
    wrong.finish(Some(()))?;
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::ListServicesRequest { limit, cursor });
    let page = clinic.client().list_services(request).await;
    let page = page
        .map_err(|status| Refusal::from(status).renamed(&[("cursor", "_cursor")]))?
        .into_inner();
    let found = page.services.into_iter().map(Into::into).collect();
    let next = Some(page.next_cursor.as_str()).filter(|next| !next.is_empty());
    let base = Base::of(&app, &tenant);
    let path = (HealthcareService::TYPE, &given);
    Ok(Fhir(Bundle::page(&base, path, found, next)))
}

/// Shows what is offered.
#[utoipa::path(get, path = "/fhir/HealthcareService/{id}", tag = "fhir",
    params(("id" = String, Path, description = "`svc-…`")), responses(
    (status = 200, description = "The service", body = HealthcareService,
        content_type = "application/fhir+json"),
    (status = 404, description = "SERVICE_NOT_FOUND")))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Fhir<HealthcareService>, Refusal> {
    let clinic = &app.clients.clinic;
    let wanted = proto::GetServiceRequest { id: id::read(&id) };
    let request = clinic.request(&tenant, wanted);
    let answer = clinic.client().get_service(request).await?.into_inner();
    Ok(Fhir(promised(answer.service)?.into()))
}

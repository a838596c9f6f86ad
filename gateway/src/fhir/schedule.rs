//! `Schedule`: one for each provider, whose id it has.

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
    types::Reference,
};
use crate::{
    App,
    auth::Member,
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// Whose time can be booked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FhirSchedule)]
pub(crate) struct Schedule {
    /// Schedule.
    resource_type: &'static str,
    id: String,
    active: bool,
    /// The practitioner and the location.
    actor: Vec<Reference>,
}

impl Resource for Schedule {
    const TYPE: &'static str = "Schedule";

    fn id(&self) -> &str {
        &self.id
    }
}

impl From<proto::Provider> for Schedule {
    fn from(provider: proto::Provider) -> Self {
        Self {
            resource_type: Self::TYPE,
            id: id::written(&provider.id),
            active: provider.active,
            actor: vec![
                Reference::to("Practitioner", &provider.id, provider.name),
                Reference::to("Location", &provider.location_id, ""),
            ],
        }
    }
}

/// Lists the schedules.
#[utoipa::path(get, path = "/fhir/Schedule", tag = "fhir",
    params(("_count" = Option<u32>, Query, description = "1 to 200; 50 unless said"),
        ("_cursor" = Option<String>, Query, description = "As the link `next` has it")),
    responses((status = 200, description = "A page of schedules", body = Bundle<Schedule>,
        content_type = "application/fhir+json")))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    given: Given,
) -> Result<Fhir<Bundle<Schedule>>, Refusal> {
    let mut wrong = Violations::default();
    given.only(&PAGING, &mut wrong);
    let limit = given.count(&mut wrong);
    let cursor = given.cursor(&mut wrong).to_owned();
    wrong.finish(Some(()))?;
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::ListProvidersRequest { limit, cursor });
    let page = clinic.client().list_providers(request).await;
    let page = page
        .map_err(|status| Refusal::from(status).renamed(&[("cursor", "_cursor")]))?
        .into_inner();
    let found = page.providers.into_iter().map(Into::into).collect();
    let next = Some(page.next_cursor.as_str()).filter(|next| !next.is_empty());
    let base = Base::of(&app, &tenant);
    Ok(Fhir(Bundle::page(
        &base,
        (Schedule::TYPE, &given),
        found,
        next,
    )))
}

/// Shows a schedule.
#[utoipa::path(get, path = "/fhir/Schedule/{id}", tag = "fhir",
    params(("id" = String, Path, description = "`prv-…`, as its practitioner has it")),
    responses(
    (status = 200, description = "The schedule", body = Schedule,
        content_type = "application/fhir+json"),
    (status = 404, description = "PROVIDER_NOT_FOUND")))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Fhir<Schedule>, Refusal> {
    let clinic = &app.clients.clinic;
    let wanted = proto::GetProviderRequest { id: id::read(&id) };
    let request = clinic.request(&tenant, wanted);
    let answer = clinic.client().get_provider(request).await?.into_inner();
    Ok(Fhir(promised(answer.provider)?.into()))
}

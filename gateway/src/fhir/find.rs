//! `Appointment/$find`: times that could be booked, as proposed appointments.
//!
//! The parameters are those that IHE's profile Scheduling (ITI-115) names.

use axum::extract::State;
use voxanne_problem::Violations;
use voxanne_tenant::Tenant;

use super::{
    Fhir,
    appointment::Appointment,
    base::Base,
    bundle::Bundle,
    date::{Day, Limit},
    given::{Given, PAGING, Posted},
    offered::{self, Place, Wanted},
    types::SERVICES,
};
use crate::{App, auth::Member, reply::Refusal};

const PATH: &str = "Appointment/$find";
const KNOWN: [&str; 4] = ["start", "end", "visit-type", "practitioner"];
/// They tell about the patient and the reason, which change nothing about what is free.
const PASSED_OVER: [&str; 5] = [
    "patient-reference",
    "patient-resource",
    "reason",
    "referral-identifier",
    "insurance-reference",
];
/// What the service calls what is asked for here.
const NAMES: [(&str, &str); 4] = [
    ("from", "start"),
    ("to", "end"),
    ("serviceId", "visit-type"),
    ("providerId", "practitioner"),
];

/// Proposes free times as appointments (IHE ITI-115).
#[utoipa::path(get, path = "/fhir/Appointment/$find", tag = "fhir",
    params(
    ("start" = String, Query, description = "The first moment, or day"),
    ("end" = String, Query, description = "The last, at most 62 days later"),
    ("visit-type" = Option<String>, Query, description = "`svc-…`; the clinic's first unless said"),
    ("practitioner" = Option<String>, Query, description = "`Practitioner/prv-…`; any unless said"),
    ("_count" = Option<u32>, Query, description = "1 to 200; 50 unless said"),
    ("_cursor" = Option<String>, Query, description = "As the link `next` has it")),
    responses(
    (status = 200, description = "A page of proposed appointments", body = Bundle<Appointment>,
        content_type = "application/fhir+json"),
    (status = 404, description = "SERVICE_NOT_FOUND, PROVIDER_NOT_FOUND")))]
pub(crate) async fn find(
    State(app): State<App>,
    Member(tenant): Member,
    given: Given,
) -> Result<Fhir<Bundle<Appointment>>, Refusal> {
    propose(&app, &tenant, &given).await
}

/// Proposes free times as appointments (IHE ITI-115), asked with a Parameters resource.
#[utoipa::path(post, path = "/fhir/Appointment/$find", tag = "fhir",
    request_body(content = Value, content_type = "application/fhir+json",
        description = "A Parameters resource with `start`, `end`, `visit-type` and `practitioner`"),
    responses(
    (status = 200, description = "A page of proposed appointments", body = Bundle<Appointment>,
        content_type = "application/fhir+json"),
    (status = 404, description = "SERVICE_NOT_FOUND, PROVIDER_NOT_FOUND")))]
pub(crate) async fn find_posted(
    State(app): State<App>,
    Member(tenant): Member,
    Posted(given): Posted,
) -> Result<Fhir<Bundle<Appointment>>, Refusal> {
    propose(&app, &tenant, &given).await
}

async fn propose(
    app: &App,
    tenant: &Tenant,
    given: &Given,
) -> Result<Fhir<Bundle<Appointment>>, Refusal> {
    let base = Base::of(app, tenant);
    let mut wrong = Violations::default();
    given.only(&[&KNOWN[..], &PASSED_OVER, &PAGING].concat(), &mut wrong);
    let limits = [
        day("start", given, &mut wrong).map(Limit::from),
        day("end", given, &mut wrong).map(Limit::until),
    ];
    let wanted = Wanted {
        service: given.code(("visit-type", SERVICES), &mut wrong),
        provider: given.reference(("practitioner", "Practitioner"), &base, &mut wrong),
        limits: limits.into_iter().flatten().collect(),
        count: given.count(&mut wrong),
        after: Place::read(given.cursor(&mut wrong), &mut wrong),
    };
    wrong.finish(Some(()))?;
    let found = offered::find(app, tenant, &wanted).await;
    let page = found.map_err(|refusal| refusal.renamed(&NAMES))?;
    let proposed = page.slots.iter().map(Appointment::proposed).collect();
    let next = page.next.as_deref();
    Ok(Fhir(Bundle::page(&base, (PATH, given), proposed, next)))
}

fn day(name: &str, given: &Given, wrong: &mut Violations) -> Option<Day> {
    let Some(text) = given.text(name, wrong) else {
        wrong.add(name, "REQUIRED", "this is missing");
        return None;
    };
    let day = Day::parse(text);
    if day.is_none() {
        let detail = "expected a date such as 2026-12-01 or 2026-12-01T09:00:00Z";
        wrong.add(name, "FORMAT", detail);
    }
    day
}

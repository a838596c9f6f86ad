//! `GET /api/org/{orgId}/fhir/Appointment`

use axum::extract::State;
use voxanne_ids::{PatientId, ProviderId};
use voxanne_problem::Violations;
use voxanne_proto::booking::v1 as proto;

use super::Appointment;
use crate::{
    App,
    auth::Member,
    fhir::{
        Fhir,
        base::Base,
        bundle::{Bundle, Resource as _},
        date::{self, Limit, Span},
        given::{Given, PAGING},
        id, status,
    },
    reply::Refusal,
    routes::moment,
};

const KNOWN: [&str; 5] = ["date", "status", "actor", "practitioner", "patient"];
/// What the service calls what is asked for here.
const NAMES: [(&str, &str); 2] = [("cursor", "_cursor"), ("providerId", "actor")];

/// Which bookings are asked for.
struct Wanted {
    limits: Vec<Limit>,
    /// Any of these; `None` is any at all.
    statuses: Option<Vec<String>>,
    provider: Option<ProviderId>,
    patient: Option<PatientId>,
    limit: u32,
    cursor: String,
}

/// Finds bookings, in order of their start.
#[utoipa::path(get, path = "/fhir/Appointment", tag = "fhir",
    params(
    ("date" = Option<String>, Query, description = "When it begins: `ge`, `gt`, `lt` or `le` and a \
        date or time, as often as needed"),
    ("status" = Option<String>, Query, description = "R4's, with commas between several"),
    ("actor" = Option<String>, Query, description = "`Practitioner/prv-…` or `Patient/pat-…`"),
    ("practitioner" = Option<String>, Query, description = "`Practitioner/prv-…`"),
    ("patient" = Option<String>, Query, description = "`Patient/pat-…`"),
    ("_count" = Option<u32>, Query, description = "1 to 200; 50 unless said"),
    ("_cursor" = Option<String>, Query, description = "As the link `next` has it")),
    responses((status = 200, description = "A page of appointments",
        body = Bundle<Appointment>, content_type = "application/fhir+json")))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    given: Given,
) -> Result<Fhir<Bundle<Appointment>>, Refusal> {
    let base = Base::of(&app, &tenant);
    let wanted = read(&given, &base)?;
    let zone = date::zone(&app, &tenant, &wanted.limits).await?;
    let span = Span::of(&wanted.limits, &zone).filter(|span| !span.is_empty());
    // A status that no booking can have, and a time that never is, find nothing.
    let possible = wanted.statuses.as_ref().is_none_or(|any| !any.is_empty());
    let page = match span.filter(|_| possible) {
        None => proto::ListBookingsResponse::default(),
        Some(span) => {
            let booking = &app.clients.booking;
            let request = booking.request(&tenant, wanted.message(span));
            let page = booking.client().list_bookings(request).await;
            page.map_err(|status| Refusal::from(status).renamed(&NAMES))?
                .into_inner()
        }
    };
    let found = page.bookings.into_iter().map(Into::into).collect();
    let next = Some(page.next_cursor.as_str()).filter(|next| !next.is_empty());
    let path = (Appointment::TYPE, &given);
    Ok(Fhir(Bundle::page(&base, path, found, next)))
}

fn read(given: &Given, base: &Base) -> Result<Wanted, Refusal> {
    let mut wrong = Violations::default();
    given.only(&[&KNOWN[..], &PAGING].concat(), &mut wrong);
    let limits = given.limits("date", &mut wrong);
    let statuses = given.text("status", &mut wrong);
    let statuses = statuses.map(|words| status::read("status", words, &mut wrong));
    let mut provider = given.reference(("practitioner", "Practitioner"), base, &mut wrong);
    let mut patient = given.reference(("patient", "Patient"), base, &mut wrong);
    // What is wrong with it is noted below.
    let actor = given.text("actor", &mut Violations::default());
    // An actor of either kind; one that is named twice is only the same once.
    if actor.is_some_and(|actor| base.strip(actor).is_some_and(is_patient)) {
        let actor = given.reference(("actor", "Patient"), base, &mut wrong);
        conflict(patient.is_some() && actor != patient, &mut wrong);
        patient = actor;
    } else if actor.is_some() {
        let actor = given.reference(("actor", "Practitioner"), base, &mut wrong);
        conflict(provider.is_some() && actor != provider, &mut wrong);
        provider = actor;
    } else {
        given.text("actor", &mut wrong);
    }
    let limit = given.count(&mut wrong);
    let cursor = given.cursor(&mut wrong).to_owned();
    wrong.finish(Some(()))?;
    Ok(Wanted {
        limits,
        statuses,
        provider,
        patient,
        limit,
        cursor,
    })
}

fn is_patient(actor: &str) -> bool {
    actor.starts_with("Patient/") || id::read(actor).parse::<PatientId>().is_ok()
}

fn conflict(is_one: bool, wrong: &mut Violations) {
    if is_one {
        let detail = "names another than `practitioner` or `patient`";
        wrong.add("actor", "CONFLICT", detail);
    }
}

impl Wanted {
    fn message(self, span: Span) -> proto::ListBookingsRequest {
        proto::ListBookingsRequest {
            from: moment::to_proto(span.from),
            to: moment::to_proto(span.to),
            statuses: self.statuses.unwrap_or_default(),
            provider_id: self.provider.map(|id| id.to_string()).unwrap_or_default(),
            patient_id: self.patient.map(|id| id.to_string()).unwrap_or_default(),
            limit: self.limit,
            cursor: self.cursor,
            ..proto::ListBookingsRequest::default()
        }
    }
}

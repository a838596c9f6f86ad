//! `Slot`: a time that can be booked at once, worked out when it is asked for.

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
    offered::{self, Page, Place, Wanted},
    types::{CodeableConcept, Reference, SERVICES, service_type},
};
use crate::{App, auth::Member, reply::Refusal, routes::moment};

/// R4's words for the status of a slot.
const STATUSES: [&str; 5] = [
    "free",
    "busy",
    "busy-unavailable",
    "busy-tentative",
    "entered-in-error",
];
/// What the service calls what is asked for here.
const NAMES: [(&str, &str); 4] = [
    ("from", "start"),
    ("to", "start"),
    ("serviceId", "service-type"),
    ("providerId", "schedule"),
];

/// A time on a schedule.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FhirSlot)]
pub(crate) struct Slot {
    /// Slot.
    resource_type: &'static str,
    pub(super) id: String,
    service_type: Vec<CodeableConcept>,
    schedule: Reference,
    /// free, or busy-tentative while it is held.
    status: &'static str,
    start: String,
    end: String,
}

impl Resource for Slot {
    const TYPE: &'static str = "Slot";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Slot {
    pub(super) fn free(slot: &proto::Slot) -> Self {
        Self {
            resource_type: Self::TYPE,
            id: id::written_slot(&slot.slot_id),
            service_type: vec![service_type(slot)],
            schedule: Reference::to("Schedule", &slot.provider_id, &*slot.provider_name),
            status: "free",
            start: moment::written(slot.starts_at),
            end: moment::written(slot.ends_at),
        }
    }

    /// The slot with this id of ours while `hold` keeps it.
    pub(super) fn held(slot_id: &str, hold: &proto::Hold) -> Self {
        Self {
            resource_type: Self::TYPE,
            id: id::written_slot(slot_id),
            service_type: vec![CodeableConcept::service(&hold.service_id, "")],
            schedule: Reference::to("Schedule", &hold.provider_id, ""),
            status: "busy-tentative",
            start: moment::written(hold.starts_at),
            end: moment::written(hold.ends_at),
        }
    }
}

/// Finds free times. What is taken is not listed.
#[utoipa::path(get, path = "/fhir/Slot", tag = "fhir",
    params(
    ("schedule" = Option<String>, Query, description = "`Schedule/prv-…`; any unless said"),
    ("start" = Option<String>, Query, description = "`ge`, `gt`, `lt` or `le` and a date or time, \
        as often as needed; the next 7 days unless said, 62 at most"),
    ("status" = Option<String>, Query, description = "`free`; there are no others to be found"),
    ("service-type" = Option<String>, Query, description = "`svc-…`; the clinic's first unless said"),
    ("_count" = Option<u32>, Query, description = "1 to 200; 50 unless said"),
    ("_cursor" = Option<String>, Query, description = "As the link `next` has it")),
    responses(
    (status = 200, description = "A page of free times in order", body = Bundle<Slot>,
        content_type = "application/fhir+json"),
    (status = 404, description = "SERVICE_NOT_FOUND, PROVIDER_NOT_FOUND")))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    given: Given,
) -> Result<Fhir<Bundle<Slot>>, Refusal> {
    let base = Base::of(&app, &tenant);
    let mut wrong = Violations::default();
    let known = ["schedule", "start", "status", "service-type"];
    given.only(&[&known[..], &PAGING].concat(), &mut wrong);
    let wanted = Wanted {
        service: given.code(("service-type", SERVICES), &mut wrong),
        provider: given.reference(("schedule", "Schedule"), &base, &mut wrong),
        limits: given.limits("start", &mut wrong),
        count: given.count(&mut wrong),
        after: Place::read(given.cursor(&mut wrong), &mut wrong),
    };
    let free = is_free_asked(&given, &mut wrong);
    wrong.finish(Some(()))?;
    let page = if free {
        let found = offered::find(&app, &tenant, &wanted).await;
        found.map_err(|refusal| refusal.renamed(&NAMES))?
    } else {
        Page::default()
    };
    let slots = page.slots.iter().map(Slot::free).collect();
    let next = page.next.as_deref();
    Ok(Fhir(Bundle::page(&base, (Slot::TYPE, &given), slots, next)))
}

/// Whether free slots are among those asked for.
fn is_free_asked(given: &Given, wrong: &mut Violations) -> bool {
    let Some(words) = given.text("status", wrong) else {
        return true;
    };
    if words.split(',').any(|word| !STATUSES.contains(&word)) {
        wrong.add("status", "ONE_OF", "expected a status of a slot in R4");
    }
    words.split(',').any(|word| word == "free")
}

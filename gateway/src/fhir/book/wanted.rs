//! What `$book` is to do, by the appointment that it is given.

use jiff::Timestamp;
use serde_json::Value;
use voxanne_ids::{HoldId, ProviderId};
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{COMMENT, KNOWN_PATIENT, PATIENT, REFERENCE, RESOURCE, patient};
use crate::{
    fhir::{base::Base, given::Given, id},
    routes::moment,
};

/// One of the three things that `$book` does.
pub(super) enum Wanted {
    New(Box<proto::CreateBookingRequest>),
    Move(proto::RescheduleBookingRequest),
    Cancel(proto::CancelBookingRequest),
}

impl Wanted {
    /// All that is wrong is told at once.
    pub(super) fn read(given: &Given, base: &Base) -> Result<Self, Problem> {
        let mut wrong = Violations::default();
        let known = [REFERENCE, RESOURCE, PATIENT, KNOWN_PATIENT, COMMENT];
        given.only(&known, &mut wrong);
        let comment = given.text(COMMENT, &mut wrong).unwrap_or_default();
        let reference = given.text(REFERENCE, &mut wrong);
        let resource = given.resource(RESOURCE, &mut wrong);
        let wanted = match (reference, resource) {
            (Some(text), None) => {
                let named = base.strip(text);
                let named = named.map(|path| path.strip_prefix("Appointment/").unwrap_or(path));
                if named.is_none() {
                    wrong.add(REFERENCE, "FORMAT", "this is elsewhere");
                }
                new(named, (given, None), (base, comment), &mut wrong)
            }
            (None, Some(resource)) => of_resource(resource, given, (base, comment), &mut wrong),
            (Some(_), Some(_)) => {
                let detail = "give `appointment-reference` or `appointment-resource`, not both";
                wrong.add(RESOURCE, "CONFLICT", detail);
                None
            }
            (None, None) => {
                // One that is given and unreadable has been noted.
                if !given.has(RESOURCE) && !given.has(REFERENCE) {
                    let detail = "must be given, or `appointment-resource`";
                    wrong.add(REFERENCE, "REQUIRED", detail);
                }
                patient::read(given, base, &mut wrong);
                None
            }
        };
        wrong.finish(wanted)
    }
}

/// A new booking of what `named` was proposed or held as, for the patient who is given or takes
/// part in `resource`.
fn new(
    named: Option<&str>,
    (given, resource): (&Given, Option<&Value>),
    (base, comment): (&Base, &str),
    wrong: &mut Violations,
) -> Option<Wanted> {
    let taking_part = resource.and_then(|resource| patient::taking_part(resource, base));
    let who = match taking_part {
        Some(who) if !given.has(PATIENT) && !given.has(KNOWN_PATIENT) => Some(who),
        _ => patient::read(given, base, wrong),
    };
    let named = named?;
    let mut message = proto::CreateBookingRequest {
        who: Some(who?),
        notes: comment.to_owned(),
        source: "api".to_owned(),
        ..proto::CreateBookingRequest::default()
    };
    let held = id::read(named);
    if held.parse::<HoldId>().is_ok() {
        message.hold_id = held;
    } else {
        message.slot_id = id::read_slot(named);
    }
    Some(Wanted::New(Box::new(message)))
}

/// The status says what is to become of the appointment.
fn of_resource(
    resource: &Value,
    given: &Given,
    (base, comment): (&Base, &str),
    wrong: &mut Violations,
) -> Option<Wanted> {
    let text = |name: &str| resource.get(name).and_then(Value::as_str);
    if text("resourceType") != Some("Appointment") {
        wrong.add(RESOURCE, "ONE_OF", "expected an Appointment");
        return None;
    }
    let named = text("id");
    if named.is_none() {
        let field = format!("{RESOURCE}.id");
        wrong.add(field, "REQUIRED", "an appointment is known by its id");
    }
    match text("status") {
        Some("proposed" | "pending") => new(named, (given, Some(resource)), (base, comment), wrong),
        Some("booked") => to_move(named, resource, (base, comment), wrong).map(Wanted::Move),
        Some("cancelled") => {
            let version = version(resource, wrong);
            Some(Wanted::Cancel(proto::CancelBookingRequest {
                id: id::read(named?),
                version,
                reason: comment.to_owned(),
            }))
        }
        _ => {
            let field = format!("{RESOURCE}.status");
            wrong.add(field, "ONE_OF", "expected pending, booked or cancelled");
            None
        }
    }
}

fn to_move(
    named: Option<&str>,
    resource: &Value,
    (base, comment): (&Base, &str),
    wrong: &mut Violations,
) -> Option<proto::RescheduleBookingRequest> {
    let starts_at = resource.get("start").and_then(Value::as_str);
    let starts_at = starts_at.and_then(|text| text.parse::<Timestamp>().ok());
    if starts_at.is_none() {
        let field = format!("{RESOURCE}.start");
        wrong.add(
            field,
            "FORMAT",
            "expected a time such as 2026-12-01T09:00:00Z",
        );
    }
    let version = version(resource, wrong);
    Some(proto::RescheduleBookingRequest {
        id: id::read(named?),
        version,
        starts_at: Some(moment::to_proto(starts_at)?),
        provider_id: provider(resource, base).unwrap_or_default(),
        reason: comment.to_owned(),
        ..proto::RescheduleBookingRequest::default()
    })
}

/// The practitioner who takes part, when it is one of ours.
fn provider(resource: &Value, base: &Base) -> Option<String> {
    patient::actors(resource).find_map(|actor| {
        let bare = base.strip(actor)?.strip_prefix("Practitioner/")?;
        let provider: ProviderId = id::read(bare).parse().ok()?;
        Some(provider.to_string())
    })
}

/// What the client has seen; a change in between is told as `STALE_VERSION`.
fn version(resource: &Value, wrong: &mut Violations) -> Option<i64> {
    let text = resource.pointer("/meta/versionId")?;
    let version = text.as_str().and_then(|text| text.parse().ok());
    if version.is_none() {
        let field = format!("{RESOURCE}.meta.versionId");
        wrong.add(field, "FORMAT", "expected the version that was read");
    }
    version
}

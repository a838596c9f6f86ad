//! `Appointment`: a booking, a hold, or a time that could be booked.

pub(crate) mod list;
pub(crate) mod show;

use serde::Serialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::booking::v1 as proto;

use super::{
    bundle::Resource,
    id,
    slot::Slot,
    status,
    types::{CodeableConcept, Extension, Meta, Period, Reference, service_type},
};
use crate::routes::moment;

/// When a hold ends unless it is booked.
const HELD_UNTIL: &str = "urn:voxanne:fhir:held-until";

/// A visit, from `proposed` by `$find` to its end.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FhirAppointment)]
pub(crate) struct Appointment {
    /// Appointment.
    resource_type: &'static str,
    /// `bkg-…` of a booking, `hld-…` of a hold, or that of the slot.
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
    /// The slot that is offered or held.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    contained: Vec<Slot>,
    /// Our own state, and when a hold ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    extension: Vec<Extension>,
    /// proposed, pending, booked, arrived, fulfilled, noshow or cancelled.
    status: &'static str,
    /// Where the appointment is read alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelation_reason: Option<CodeableConcept>,
    service_type: Vec<CodeableConcept>,
    start: String,
    end: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    slot: Vec<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    comment: Option<Private<String>>,
    participant: Vec<Participant>,
    requested_period: Vec<Period>,
}

/// Who takes part.
#[derive(Serialize, ToSchema)]
#[schema(as = FhirParticipant)]
struct Participant {
    actor: Reference,
    /// required.
    required: &'static str,
    /// accepted, tentative or needs-action.
    status: &'static str,
}

impl Participant {
    const fn new(actor: Reference, status: &'static str) -> Self {
        Self {
            actor,
            required: "required",
            status,
        }
    }
}

impl Resource for Appointment {
    const TYPE: &'static str = "Appointment";

    fn id(&self) -> &str {
        &self.id
    }

    fn is_at_home(&self) -> bool {
        self.contained.is_empty()
    }
}

impl From<proto::Booking> for Appointment {
    fn from(booking: proto::Booking) -> Self {
        let cancelation_reason = reason(&booking);
        let status = status::written(&booking.status);
        let clinic = match status {
            "pending" => "needs-action",
            _ => "accepted",
        };
        let patient = booking.patient.map(|patient| {
            let actor = Reference::to("Patient", &patient.id, patient.name);
            Participant::new(actor, "accepted")
        });
        let provider = Reference::to("Practitioner", &booking.provider_id, booking.provider_name);
        let period = Period::of(booking.starts_at, booking.ends_at);
        Self {
            resource_type: Self::TYPE,
            id: id::written(&booking.id),
            meta: Some(Meta {
                version_id: booking.version.to_string(),
            }),
            contained: Vec::new(),
            extension: vec![Extension::code(status::EXTENSION, booking.status)],
            status,
            cancelation_reason,
            service_type: vec![CodeableConcept::service(
                &booking.service_id,
                &booking.service_name,
            )],
            start: period.start.clone(),
            end: period.end.clone(),
            slot: Vec::new(),
            created: moment::text(booking.created_at),
            comment: (!booking.notes.is_empty()).then(|| booking.notes.into()),
            participant: patient
                .into_iter()
                .chain([Participant::new(provider, clinic)])
                .collect(),
            requested_period: vec![period],
        }
    }
}

/// What was said when it was called off. R4 gives no other appointment a reason.
fn reason(booking: &proto::Booking) -> Option<CodeableConcept> {
    if !["cancelled", "no_show"].contains(&&*booking.status) {
        return None;
    }
    let last = booking.history.iter().rev();
    let last = last.filter(|change| change.status == booking.status);
    let said = last.map(|change| &change.reason).next()?;
    (!said.is_empty()).then(|| CodeableConcept::text(said.as_str().into()))
}

impl Appointment {
    /// What `$find` suggests.
    pub(super) fn proposed(slot: &proto::Slot) -> Self {
        let provider = Reference::to("Practitioner", &slot.provider_id, &*slot.provider_name);
        let period = Period::of(slot.starts_at, slot.ends_at);
        Self::of_slot(
            (id::written_slot(&slot.slot_id), "proposed"),
            Slot::free(slot),
            service_type(slot),
            (provider, period),
        )
    }

    /// What `$hold` keeps, of the slot with this id of ours.
    pub(super) fn held(slot_id: &str, hold: &proto::Hold) -> Self {
        let provider = Reference::to("Practitioner", &hold.provider_id, "");
        let mut held = Self::of_slot(
            (id::written(&hold.id), "pending"),
            Slot::held(slot_id, hold),
            CodeableConcept::service(&hold.service_id, ""),
            (provider, Period::of(hold.starts_at, hold.ends_at)),
        );
        held.extension.push(Extension {
            url: HELD_UNTIL,
            value_instant: Some(moment::written(hold.expires_at)),
            ..Extension::NONE
        });
        held
    }

    fn of_slot(
        (id, status): (String, &'static str),
        slot: Slot,
        service: CodeableConcept,
        (provider, period): (Reference, Period),
    ) -> Self {
        Self {
            resource_type: Self::TYPE,
            id,
            meta: None,
            extension: Vec::new(),
            status,
            cancelation_reason: None,
            service_type: vec![service],
            start: period.start.clone(),
            end: period.end.clone(),
            slot: vec![Reference::at(format!("#{}", slot.id))],
            contained: vec![slot],
            created: None,
            comment: None,
            participant: vec![Participant::new(provider, "tentative")],
            requested_period: vec![period],
        }
    }
}

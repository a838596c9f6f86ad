//! Bookings on the wire.

mod change;
mod list;

use jiff::Timestamp;
use voxanne_clock::to_proto;
use voxanne_ids::{BookingId, ServiceId};
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1::{self as proto, create_booking_request};

use super::{
    Booking, Change, Source,
    book::{NewBooking, Who},
    reschedule::Move,
    target::{Overbook, Target},
};
use crate::{
    availability::{
        find::WhichService,
        slot::local_text,
        slot_id::{Named, SlotIds},
        store::Which,
    },
    fields::{self, CallRef, Unacceptable, free_text},
    patients,
};

const LONGEST_NOTES: usize = 2000;
const LONGEST_REASON: usize = 500;

impl NewBooking {
    /// Reads a request; `ids` says what a slot id stands for.
    pub(crate) fn read(
        request: &proto::CreateBookingRequest,
        ids: &SlotIds,
    ) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let call = bad.take("callId", "CALL_ID", request.call_id.parse::<CallRef>());
        let named = named(&mut bad, request, ids, call.as_ref());
        let who = who(&mut bad, request.who.as_ref());
        let notes = bad.take("notes", "NOTES", free_text(&request.notes, LONGEST_NOTES));
        let source = source(&mut bad, &request.source);
        let hold = fields::optional_id(&mut bad, "holdId", &request.hold_id);
        let overbook = overbook(&mut bad, &request.overbook_reason);
        let new = (|| {
            Some(Self {
                target: named?,
                hold: hold?,
                who: who?,
                notes: notes?,
                source: source?,
                call: call?,
                overbook: overbook?,
            })
        })();
        bad.finish(new)
    }
}

/// What is to be booked: the slot that was offered, or a service and a start. Nothing when a hold
/// says it all.
fn named(
    bad: &mut Violations,
    request: &proto::CreateBookingRequest,
    ids: &SlotIds,
    call: Option<&CallRef>,
) -> Option<Option<Target>> {
    let spelled = !request.service_id.is_empty()
        || !request.provider_id.is_empty()
        || request.starts_at.is_some();
    match (request.slot_id.as_str(), spelled) {
        ("", false) if !request.hold_id.is_empty() => Some(None),
        ("", _) => spelled_out(bad, request).map(Some),
        (_, true) => {
            bad.add(
                "slotId",
                "NOT_ALONE",
                "must not come with `serviceId`, `providerId` or `startsAt`",
            );
            None
        }
        (slot, false) => {
            let slot = offered(bad, slot, ids, call?)?;
            Some(Some(Target {
                service: WhichService::One(slot.service),
                providers: Which::One(slot.provider),
                starts_at: slot.starts_at,
                field: "slotId",
            }))
        }
    }
}

fn offered(bad: &mut Violations, slot: &str, ids: &SlotIds, call: &CallRef) -> Option<Named> {
    let unknown = Unacceptable("must be one that was offered in this call");
    bad.take(
        "slotId",
        "SLOT_UNKNOWN",
        ids.read(slot, call).ok_or(unknown),
    )
}

fn spelled_out(bad: &mut Violations, request: &proto::CreateBookingRequest) -> Option<Target> {
    let service = fields::id(bad, "serviceId", &request.service_id);
    let provider = fields::optional_id(bad, "providerId", &request.provider_id);
    let starts_at = fields::moment(bad, "startsAt", request.starts_at.as_ref());
    let providers = provider?.map_or(Which::Any, Which::One);
    Some(Target {
        service: WhichService::One(service?),
        providers,
        starts_at: starts_at?,
        field: "startsAt",
    })
}

/// Without a reason nothing is overbooked.
fn overbook(bad: &mut Violations, reason: &str) -> Option<Overbook> {
    let reason = free_text(reason, LONGEST_REASON);
    let reason = bad.take("overbookReason", "REASON", reason)?;
    Some(Overbook((!reason.expose().is_empty()).then_some(reason)))
}

impl Move {
    /// Reads a request; `ids` says what a slot id stands for.
    pub(crate) fn read(
        id: BookingId,
        request: &proto::RescheduleBookingRequest,
        ids: &SlotIds,
    ) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let call = bad.take("callId", "CALL_ID", request.call_id.parse::<CallRef>());
        let place = place(&mut bad, request, ids, call.as_ref());
        let reason = bad.take(
            "reason",
            "REASON",
            free_text(&request.reason, LONGEST_REASON),
        );
        let overbook = overbook(&mut bad, &request.overbook_reason);
        let wanted = (|| {
            let (service, providers, starts_at, field) = place?;
            Some(Self {
                id,
                starts_at,
                field,
                providers,
                service,
                seen: request.version,
                reason: reason?,
                call: call?,
                overbook: overbook?,
            })
        })();
        bad.finish(wanted)
    }
}

type Place = (Option<ServiceId>, Which, Timestamp, &'static str);

/// Where a booking is to go: to the slot that was offered, or to a start.
fn place(
    bad: &mut Violations,
    request: &proto::RescheduleBookingRequest,
    ids: &SlotIds,
    call: Option<&CallRef>,
) -> Option<Place> {
    if request.slot_id.is_empty() {
        let provider = fields::optional_id(bad, "providerId", &request.provider_id);
        let starts_at = fields::moment(bad, "startsAt", request.starts_at.as_ref());
        let providers = provider?.map_or(Which::Any, Which::One);
        return Some((None, providers, starts_at?, "startsAt"));
    }
    if request.starts_at.is_some() || !request.provider_id.is_empty() {
        bad.add(
            "slotId",
            "NOT_ALONE",
            "must not come with `providerId` or `startsAt`",
        );
        return None;
    }
    let slot = offered(bad, &request.slot_id, ids, call?)?;
    let providers = Which::One(slot.provider);
    Some((Some(slot.service), providers, slot.starts_at, "slotId"))
}

fn who(bad: &mut Violations, who: Option<&create_booking_request::Who>) -> Option<Who> {
    match who {
        None => {
            bad.add("patient", "REQUIRED", "must be given, or `patientId`");
            None
        }
        Some(create_booking_request::Who::Patient(patient)) => {
            patients::wire::read(bad, "patient.", patient).map(Who::Named)
        }
        Some(create_booking_request::Who::PatientId(id)) => {
            fields::id(bad, "patientId", id).map(Who::Known)
        }
    }
}

/// Requests that do not say where they come from came through the API.
pub(crate) fn source(bad: &mut Violations, word: &str) -> Option<Source> {
    if word.is_empty() {
        return Some(Source::Api);
    }
    let source = Source::from_word(word);
    bad.take(
        "source",
        "SOURCE",
        source.ok_or(Unacceptable("must be api, voice or dashboard")),
    )
}

impl From<Booking> for proto::Booking {
    fn from(booking: Booking) -> Self {
        Self {
            id: booking.id.to_string(),
            status: booking.status.as_str().to_owned(),
            starts_at: Some(to_proto(booking.visit.from)),
            ends_at: Some(to_proto(booking.visit.to)),
            time_zone: booking.time_zone,
            local_time: local_text(booking.local_time),
            provider_id: booking.provider.to_string(),
            provider_name: booking.provider_name,
            service_id: booking.service.to_string(),
            service_name: booking.service_name,
            patient: Some(booking.patient.into()),
            source: booking.source.as_str().to_owned(),
            version: booking.version,
            created_at: Some(to_proto(booking.created_at)),
            notes: booking.notes.into_exposed(),
            call_id: booking.call,
            history: booking.history.into_iter().map(Into::into).collect(),
            room_id: booking
                .room
                .map(|room| room.to_string())
                .unwrap_or_default(),
            overbooked: booking.overbooked,
            series_id: booking.series.map(|id| id.to_string()).unwrap_or_default(),
        }
    }
}

impl From<Change> for proto::Change {
    fn from(change: Change) -> Self {
        Self {
            status: change.status.as_str().to_owned(),
            actor: change.actor,
            reason: change.reason.into_exposed(),
            at: Some(to_proto(change.at)),
            moved_from: change.moved_from.map(to_proto),
        }
    }
}

//! Bookings on the wire.

use voxanne_clock::to_proto;
use voxanne_ids::BookingId;
use voxanne_privacy::Private;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1::{self as proto, create_booking_request};

use super::{
    Booking, Change, Source, Status, Wish,
    book::{NewBooking, Who},
    change::Ask,
    list::Filter,
};
use crate::{
    availability::{
        find::WhichService,
        slot::local_text,
        slot_id::{Named, SlotIds},
        store::Which,
    },
    fields::{self, CallRef, Unacceptable, free_text},
    page::{Listed, Page},
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
        let new = (|| {
            let (service, providers, starts_at, time_field) = named?;
            Some(Self {
                service,
                providers,
                starts_at,
                time_field,
                who: who?,
                notes: notes?,
                source: source?,
                call: call?,
            })
        })();
        bad.finish(new)
    }
}

type Time = (WhichService, Which, jiff::Timestamp, &'static str);

/// What is to be booked: the slot that was offered, or a service and a start.
fn named(
    bad: &mut Violations,
    request: &proto::CreateBookingRequest,
    ids: &SlotIds,
    call: Option<&CallRef>,
) -> Option<Time> {
    if request.slot_id.is_empty() {
        return spelled_out(bad, request);
    }
    let alone = request.service_id.is_empty()
        && request.provider_id.is_empty()
        && request.starts_at.is_none();
    if !alone {
        bad.add(
            "slotId",
            "NOT_ALONE",
            "must not come with `serviceId`, `providerId` or `startsAt`",
        );
        return None;
    }
    let unknown = Unacceptable("must be one that was offered in this call");
    let slot = ids.read(&request.slot_id, call?).ok_or(unknown);
    let Named {
        provider,
        service,
        starts_at,
    } = bad.take("slotId", "SLOT_UNKNOWN", slot)?;
    Some((
        WhichService::One(service),
        Which::One(provider),
        starts_at,
        "slotId",
    ))
}

fn spelled_out(bad: &mut Violations, request: &proto::CreateBookingRequest) -> Option<Time> {
    let service = fields::id(bad, "serviceId", &request.service_id);
    let provider = fields::optional_id(bad, "providerId", &request.provider_id);
    let starts_at = fields::moment(bad, "startsAt", request.starts_at.as_ref());
    let providers = provider?.map_or(Which::Any, Which::One);
    Some((
        WhichService::One(service?),
        providers,
        starts_at?,
        "startsAt",
    ))
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
fn source(bad: &mut Violations, word: &str) -> Option<Source> {
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

impl TryFrom<proto::ListBookingsRequest> for Filter {
    type Error = Problem;

    fn try_from(request: proto::ListBookingsRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let mut moment = |field, at: Option<prost_types::Timestamp>| match at {
            None => Some(None),
            Some(at) => fields::moment(&mut bad, field, Some(&at)).map(Some),
        };
        let from = moment("from", request.from);
        let to = moment("to", request.to);
        let status = status(&mut bad, &request.status);
        let provider = fields::optional_id(&mut bad, "providerId", &request.provider_id);
        let call = bad.take("callId", "CALL_ID", request.call_id.parse());
        let page = Page::read(&mut bad, request.limit, &request.cursor);
        let filter = (|| {
            Some(Self {
                from: from?,
                to: to?,
                status: status?,
                provider: provider?,
                call: call?,
                page: page?,
            })
        })();
        bad.finish(filter)
    }
}

fn status(bad: &mut Violations, word: &str) -> Option<Option<Status>> {
    if word.is_empty() {
        return Some(None);
    }
    let wrong = Unacceptable("must be booked, confirmed or cancelled");
    bad.take("status", "STATUS", Status::from_word(word).ok_or(wrong))
        .map(Some)
}

impl Ask {
    pub(crate) fn confirm(id: BookingId, request: &proto::ConfirmBookingRequest) -> Self {
        Self {
            id,
            wish: Wish::Confirm,
            seen: request.version,
            reason: Private::default(),
        }
    }

    pub(crate) fn cancel(
        id: BookingId,
        request: &proto::CancelBookingRequest,
    ) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let reason = bad.take(
            "reason",
            "REASON",
            free_text(&request.reason, LONGEST_REASON),
        );
        let reason = bad.finish(reason)?;
        Ok(Self {
            id,
            wish: Wish::Cancel,
            seen: request.version,
            reason,
        })
    }
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
        }
    }
}

impl From<Listed<Booking>> for proto::ListBookingsResponse {
    fn from(listed: Listed<Booking>) -> Self {
        Self {
            bookings: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}

//! Slots and bookings.

use prost_types::Timestamp;
use voxanne_proto::booking::v1::{
    BookedPatient, CancelBookingRequest, ConfirmBookingRequest, CreateBookingRequest,
    CreateHoldRequest, FindSlotsRequest, GetBookingRequest, ListBookingsRequest, Mark,
    MarkBookingRequest, ReleaseHoldRequest, RescheduleBookingRequest,
    create_booking_request::Who as Patient,
};

use super::{Case, Of, Who};
use crate::belongings::Belongings;

const OF: Of = Of("booking.v1.BookingService", Who::Owner);
const HOLDS: Of = Of("booking.v1.HoldService", Who::Owner);

pub(super) fn cases() -> Vec<Case> {
    let mut cases = slots();
    cases.extend(new_bookings());
    cases.extend(bookings());
    cases.extend(holds());
    cases
}

fn slots() -> Vec<Case> {
    vec![
        OF.id(
            "FindSlots",
            |it| &it.service,
            |mine, id| FindSlotsRequest {
                service_id: id.into(),
                ..week(mine)
            },
        ),
        OF.id(
            "FindSlots",
            |it| &it.provider,
            |mine, id| FindSlotsRequest {
                provider_id: id.into(),
                ..week(mine)
            },
        ),
    ]
}

fn new_bookings() -> Vec<Case> {
    vec![
        OF.id(
            "CreateBooking",
            |it| &it.slot,
            |_, id| CreateBookingRequest {
                slot_id: id.into(),
                who: Some(patient()),
                source: "dashboard".into(),
                ..Default::default()
            },
        ),
        OF.id(
            "CreateBooking",
            |it| &it.service,
            |mine, id| CreateBookingRequest {
                service_id: id.into(),
                ..booking(mine, 1)
            },
        ),
        OF.id(
            "CreateBooking",
            |it| &it.provider,
            |mine, id| CreateBookingRequest {
                provider_id: id.into(),
                ..booking(mine, 2)
            },
        ),
        OF.id(
            "CreateBooking",
            |it| &it.patient,
            |mine, id| CreateBookingRequest {
                who: Some(Patient::PatientId(id.into())),
                ..booking(mine, 3)
            },
        ),
    ]
}

fn bookings() -> Vec<Case> {
    vec![
        OF.id(
            "GetBooking",
            |it| &it.booking,
            |_, id| GetBookingRequest { id: id.into() },
        ),
        OF.id(
            "ConfirmBooking",
            |it| &it.booking,
            |_, id| ConfirmBookingRequest {
                id: id.into(),
                version: None,
            },
        ),
        OF.id(
            "RescheduleBooking",
            |it| &it.booking,
            |mine, id| RescheduleBookingRequest {
                id: id.into(),
                starts_at: Some(at(mine, 5)),
                ..Default::default()
            },
        ),
        OF.id(
            "CancelBooking",
            |it| &it.booking,
            |_, id| CancelBookingRequest {
                id: id.into(),
                version: None,
                reason: "changed plans".into(),
            },
        ),
        OF.id(
            "MarkBooking",
            |it| &it.booking,
            // It is cancelled by now, which is what declining comes to.
            |_, id| MarkBookingRequest {
                id: id.into(),
                mark: Mark::Declined.into(),
                ..Default::default()
            },
        ),
        OF.nothing("ListBookings", ListBookingsRequest::default()),
        OF.id(
            "ListBookings",
            |it| &it.provider,
            |_, id| ListBookingsRequest {
                provider_id: id.into(),
                ..Default::default()
            },
        ),
        OF.id(
            "ListBookings",
            |it| &it.vapi_call,
            |_, id| ListBookingsRequest {
                call_id: id.into(),
                ..Default::default()
            },
        ),
    ]
}

fn holds() -> Vec<Case> {
    vec![
        HOLDS.id(
            "CreateHold",
            |it| &it.later_slot,
            |_, id| CreateHoldRequest {
                slot_id: id.into(),
                call_id: String::new(),
            },
        ),
        HOLDS.id(
            "ReleaseHold",
            |it| &it.hold,
            |_, id| ReleaseHoldRequest {
                id: id.into(),
                call_id: String::new(),
            },
        ),
    ]
}

fn week(mine: &Belongings) -> FindSlotsRequest {
    FindSlotsRequest {
        from: Some(at(mine, 0)),
        to: Some(at(mine, 7 * 24)),
        ..Default::default()
    }
}

/// A booking `hours` after the free slot; each case has hours of its own.
fn booking(mine: &Belongings, hours: i64) -> CreateBookingRequest {
    CreateBookingRequest {
        service_id: mine.service.clone(),
        starts_at: Some(at(mine, hours)),
        who: Some(patient()),
        source: "dashboard".into(),
        ..Default::default()
    }
}

fn patient() -> Patient {
    Patient::Patient(BookedPatient {
        name: "Ann Other".into(),
        phone: "+12125550133".into(),
        email: String::new(),
        ..Default::default()
    })
}

fn at(mine: &Belongings, hours: i64) -> Timestamp {
    let start: jiff::Timestamp = mine.starts_at.parse().expect("the API writes RFC 3339");
    Timestamp {
        seconds: start.as_second() + hours * 3600,
        nanos: 0,
    }
}

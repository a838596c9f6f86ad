//! Slots and bookings.

use prost_types::Timestamp;
use voxanne_proto::booking::v1::{
    BookedPatient, CancelBookingRequest, ConfirmBookingRequest, CreateBookingRequest,
    FindSlotsRequest, GetBookingRequest, ListBookingsRequest,
    create_booking_request::Who as Patient,
};

use super::{Case, Of, Who};
use crate::belongings::Belongings;

pub(super) fn cases() -> Vec<Case> {
    let of = Of("booking.v1.BookingService", Who::Owner);
    vec![
        of.id(
            "FindSlots",
            |it| &it.service,
            |mine, id| FindSlotsRequest {
                service_id: id.into(),
                ..slots(mine)
            },
        ),
        of.id(
            "FindSlots",
            |it| &it.provider,
            |mine, id| FindSlotsRequest {
                provider_id: id.into(),
                ..slots(mine)
            },
        ),
        of.id(
            "CreateBooking",
            |it| &it.slot,
            |_, id| CreateBookingRequest {
                slot_id: id.into(),
                who: patient(),
                source: "dashboard".into(),
                ..Default::default()
            },
        ),
        of.id(
            "CreateBooking",
            |it| &it.service,
            |mine, id| CreateBookingRequest {
                service_id: id.into(),
                ..booking(mine, 1)
            },
        ),
        of.id(
            "CreateBooking",
            |it| &it.provider,
            |mine, id| CreateBookingRequest {
                provider_id: id.into(),
                ..booking(mine, 2)
            },
        ),
        of.id(
            "CreateBooking",
            |it| &it.patient,
            |mine, id| CreateBookingRequest {
                who: Some(Patient::PatientId(id.into())),
                ..booking(mine, 3)
            },
        ),
        of.id(
            "GetBooking",
            |it| &it.booking,
            |_, id| GetBookingRequest { id: id.into() },
        ),
        of.id(
            "ConfirmBooking",
            |it| &it.booking,
            |_, id| ConfirmBookingRequest {
                id: id.into(),
                version: None,
            },
        ),
        of.id(
            "CancelBooking",
            |it| &it.booking,
            |_, id| CancelBookingRequest {
                id: id.into(),
                version: None,
                reason: "changed plans".into(),
            },
        ),
        of.nothing("ListBookings", ListBookingsRequest::default()),
        of.id(
            "ListBookings",
            |it| &it.provider,
            |_, id| ListBookingsRequest {
                provider_id: id.into(),
                ..Default::default()
            },
        ),
        of.id(
            "ListBookings",
            |it| &it.vapi_call,
            |_, id| ListBookingsRequest {
                call_id: id.into(),
                ..Default::default()
            },
        ),
    ]
}

fn slots(mine: &Belongings) -> FindSlotsRequest {
    FindSlotsRequest {
        from: at(mine, 0),
        to: at(mine, 7 * 24),
        ..Default::default()
    }
}

/// A booking `hours` after the free slot; each case has hours of its own.
fn booking(mine: &Belongings, hours: i64) -> CreateBookingRequest {
    CreateBookingRequest {
        service_id: mine.service.clone(),
        starts_at: at(mine, hours),
        who: patient(),
        source: "dashboard".into(),
        ..Default::default()
    }
}

fn patient() -> Option<Patient> {
    Some(Patient::Patient(BookedPatient {
        name: "Ann Other".into(),
        phone: "+12125550133".into(),
        email: String::new(),
    }))
}

fn at(mine: &Belongings, hours: i64) -> Option<Timestamp> {
    let start: jiff::Timestamp = mine.starts_at.parse().expect("the API writes RFC 3339");
    Some(Timestamp {
        seconds: start.as_second() + hours * 3600,
        nanos: 0,
    })
}

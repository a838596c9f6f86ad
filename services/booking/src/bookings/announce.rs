//! What the event log is told of a booking: ids, states and times.

use jiff::Timestamp;
use serde_json::json;
use voxanne_events::New;

use super::{Booking, Status};

pub(crate) fn created(booking: &Booking, at: Timestamp) -> New {
    let mut event = New {
        kind: "booking.created",
        at,
        data: data(booking),
    };
    event.data["source"] = booking.source.as_str().into();
    event
}

pub(crate) fn changed(booking: &Booking, at: Timestamp) -> New {
    let kind = match booking.status {
        Status::Booked => "booking.created",
        Status::Confirmed => "booking.confirmed",
        Status::Cancelled => "booking.cancelled",
    };
    New {
        kind,
        at,
        data: data(booking),
    }
}

fn data(booking: &Booking) -> serde_json::Value {
    json!({
        "bookingId": booking.id,
        "status": booking.status.as_str(),
        "startsAt": booking.visit.from,
        "endsAt": booking.visit.to,
        "providerId": booking.provider,
        "serviceId": booking.service,
        "version": booking.version,
    })
}

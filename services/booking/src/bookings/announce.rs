//! What the event log is told of a booking: ids, states and times.

use jiff::Timestamp;
use serde_json::json;
use voxanne_events::New;

use super::{Booking, Status, Wish};

/// A booking that waits for approval is not told as one that is made.
pub(crate) fn created(booking: &Booking, at: Timestamp) -> New {
    let kind = match booking.status {
        Status::Requested => "booking.requested",
        _ => "booking.created",
    };
    let mut event = New {
        kind,
        at,
        data: data(booking),
    };
    event.data["source"] = booking.source.as_str().into();
    event
}

pub(crate) fn changed(booking: &Booking, wish: Wish, at: Timestamp) -> New {
    let kind = match wish {
        Wish::Approve => "booking.approved",
        Wish::Decline | Wish::Cancel => "booking.cancelled",
        Wish::Confirm => "booking.confirmed",
        Wish::Arrive => "booking.arrived",
        Wish::Complete => "booking.completed",
        Wish::NoShow => "booking.no_show",
    };
    New {
        kind,
        at,
        data: data(booking),
    }
}

/// `old` is the booking as it was: its time is free now.
pub(crate) fn rescheduled(booking: &Booking, old: &Booking, at: Timestamp) -> New {
    let mut event = New {
        kind: "booking.rescheduled",
        at,
        data: data(booking),
    };
    event.data["movedFrom"] = old.visit.from.to_string().into();
    event.data["movedFromEndsAt"] = old.visit.to.to_string().into();
    event.data["movedFromProviderId"] = old.provider.to_string().into();
    event
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

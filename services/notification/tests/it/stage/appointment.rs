//! What booking tells of one appointment.

use jiff::{SignedDuration, Timestamp};
use voxanne_clock::Clock;
use voxanne_ids::BookingId;
use voxanne_proto::booking::v1::{Booking, Patient};

/// A booking three days ahead, at half past two in the afternoon of a Tuesday.
pub(crate) fn booking(phone: &str) -> Booking {
    let start: Timestamp = Clock::system().now() + SignedDuration::from_hours(72);
    Booking {
        id: BookingId::new().to_string(),
        status: "booked".to_owned(),
        starts_at: Some(voxanne_clock::to_proto(start)),
        local_time: "2026-12-01T14:30".to_owned(),
        time_zone: "America/New_York".to_owned(),
        provider_name: "Dr. Lee, Oncology".to_owned(),
        service_name: "Chemotherapy".to_owned(),
        notes: "a lump".to_owned(),
        patient: Some(Patient {
            id: String::new(),
            name: "Jane Roe".to_owned(),
            phone: phone.to_owned(),
            email: String::new(),
            ..Default::default()
        }),
        ..Booking::default()
    }
}

//! What is written into a calendar for a booking.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use voxanne_ids::BookingId;
use voxanne_privacy::Private;

use crate::availability::Span;

/// All that a calendar is told, unless the clinic wants more.
const TITLE: &str = "Appointment";

/// A booking as it is to stand in a calendar.
#[derive(Clone, Debug)]
pub(crate) struct Appointment {
    pub(crate) booking: BookingId,
    pub(crate) span: Span,
    pub(crate) time_zone: String,
    /// Only where the clinic wants it written.
    pub(crate) patient: Option<Private<String>>,
}

/// The event's id: 32 digits of base32hex, the booking's own, so that a second attempt to write it
/// meets the first and makes no copy.
pub(crate) fn id_of(booking: BookingId) -> String {
    booking.as_uuid().simple().to_string()
}

/// The booking whose event it is, if it can be one of ours.
pub(crate) fn booking_of(event_id: &str) -> Option<BookingId> {
    let is_ours = event_id.len() == 32 && event_id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_ours.then(|| event_id.parse().ok()).flatten()
}

impl Appointment {
    /// Everything that is ours of the event. A change names all of it, which also brings a deleted
    /// event back.
    pub(crate) fn body(&self) -> Value {
        let title = match &self.patient {
            Some(name) => format!("{TITLE}: {}", name.expose()),
            None => TITLE.to_owned(),
        };
        json!({
            "summary": title,
            "status": "confirmed",
            "visibility": "private",
            "transparency": "opaque",
            "start": self.edge(self.span.from),
            "end": self.edge(self.span.to),
            "reminders": {"useDefault": false},
            "extendedProperties": {"private": {"bookingId": self.booking}},
        })
    }

    /// The same with the id, which is given once.
    pub(crate) fn new_body(&self) -> Value {
        let mut body = self.body();
        body["id"] = id_of(self.booking).into();
        body
    }

    fn edge(&self, at: Timestamp) -> Value {
        let zone = TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC);
        // Google reads whole seconds.
        let at = at - SignedDuration::from_nanos(at.subsec_nanosecond().into());
        let local = at.to_zoned(zone.clone());
        let offset = local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        json!({"dateTime": offset, "timeZone": zone.iana_name().unwrap_or("UTC")})
    }
}

#[cfg(test)]
mod tests {
    use voxanne_ids::OrgId;

    use super::*;

    fn appointment() -> Appointment {
        Appointment {
            booking: BookingId::new(),
            span: Span {
                from: "2026-12-01T15:00:00Z".parse().unwrap(),
                to: "2026-12-01T15:30:00Z".parse().unwrap(),
            },
            time_zone: "America/New_York".to_owned(),
            patient: None,
        }
    }

    #[test]
    fn an_event_is_its_bookings_own() {
        let booking = BookingId::new();
        let id = id_of(booking);
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(booking_of(&id), Some(booking));
        let org = OrgId::new().to_string();
        for other in ["", "abcde", "_6spj", &org, &booking.to_string()] {
            assert_eq!(booking_of(other), None, "{other}");
        }
    }

    #[test]
    fn nothing_is_written_about_the_patient_unless_the_clinic_wants_it() {
        let plain = appointment();
        assert_eq!(plain.body()["summary"], "Appointment");
        let named = Appointment {
            patient: Some("Ada Lovelace".to_owned().into()),
            ..plain
        };
        assert_eq!(named.body()["summary"], "Appointment: Ada Lovelace");
        assert!(named.body().get("attendees").is_none());
        assert!(named.body().get("description").is_none());
    }

    #[test]
    fn times_are_written_with_their_offset_and_zone() {
        let body = appointment().body();
        assert_eq!(body["start"]["dateTime"], "2026-12-01T10:00:00-05:00");
        assert_eq!(body["start"]["timeZone"], "America/New_York");
        assert_eq!(body["end"]["dateTime"], "2026-12-01T10:30:00-05:00");
    }
}

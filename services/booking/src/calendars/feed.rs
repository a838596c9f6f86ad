//! A provider's appointments as a calendar program reads them (RFC 5545).

use icalendar::{Calendar, Component as _, Event, Property};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use voxanne_ids::OrgId;
use voxanne_pg::OrgTx;

use super::{
    Calendars, refusal, secret,
    store::feeds::{self, Listed},
};
use crate::{Error, availability::Span};

/// What lies further back or ahead nobody looks up here.
const BACK: SignedDuration = SignedDuration::from_hours(30 * 24);
const AHEAD: SignedDuration = SignedDuration::from_hours(400 * 24);

/// A feed, and what tells it from an earlier one.
pub(crate) struct Feed {
    pub(crate) org: OrgId,
    pub(crate) ics: String,
    pub(crate) etag: String,
}

impl Calendars {
    #[tracing::instrument(name = "calendar.read_feed", skip_all)]
    pub(crate) async fn read_feed(&self, key: &str) -> Result<Feed, Error> {
        let unknown = || Error::from(refusal::feed_not_found());
        let hash = secret::hash_of(key).ok_or_else(unknown)?;
        let (org, provider) = feeds::find(&self.pool, &hash).await?.ok_or_else(unknown)?;
        let now = self.clock.now();
        let span = Span {
            from: now - BACK,
            to: now + AHEAD,
        };
        let mut tx = OrgTx::begin(&self.pool, &Self::job(org)).await?;
        let listed = feeds::list(&mut tx, provider, span).await?;
        tx.note("calendar.feed_read", [provider.as_uuid()]);
        tx.commit().await?;
        let ics = write(&listed);
        let hash: String = secret::hash(&ics)
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Feed {
            org,
            etag: format!("\"{hash}\""),
            ics,
        })
    }
}

/// The same appointments make the same text.
fn write(listed: &[Listed]) -> String {
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", "-//Voxanne//Appointments//EN"))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(
            Property::new("REFRESH-INTERVAL", "PT15M")
                .add_parameter("VALUE", "DURATION")
                .done(),
        );
    for one in listed {
        calendar.push(event(one));
    }
    calendar.to_string()
}

fn event(one: &Listed) -> Event {
    let appointment = &one.appointment;
    let summary = appointment.body()["summary"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let mut event = Event::new();
    event
        .uid(&format!("{}@voxanne", appointment.booking))
        .summary(&summary)
        .sequence(u32::try_from(one.version).unwrap_or(u32::MAX))
        .add_property("DTSTAMP", utc(one.created_at))
        .add_property("DTSTART", utc(appointment.span.from))
        .add_property("DTEND", utc(appointment.span.to))
        .add_property("STATUS", "CONFIRMED")
        .add_property("CLASS", "PRIVATE")
        .add_property("TRANSP", "OPAQUE");
    event.done()
}

/// Instants need no zone, and so no definition of one.
fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC)
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string()
}

#[cfg(test)]
mod tests {
    use voxanne_ids::BookingId;

    use super::{super::event::Appointment, *};

    fn listed(patient: Option<&str>) -> Listed {
        Listed {
            appointment: Appointment {
                booking: "0190f3a2c0de7000800000000000abcd"
                    .parse::<BookingId>()
                    .unwrap(),
                span: Span {
                    from: "2026-12-02T10:00:00Z".parse().unwrap(),
                    to: "2026-12-02T10:30:00Z".parse().unwrap(),
                },
                time_zone: "Europe/London".to_owned(),
                patient: patient.map(|name| name.to_owned().into()),
            },
            version: 2,
            created_at: "2026-12-01T08:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_feed_is_rfc_5545_and_the_same_each_time() {
        let text = write(&[listed(None)]);
        assert_eq!(text, write(&[listed(None)]));
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
        for line in [
            "VERSION:2.0",
            "UID:bkg_0190f3a2c0de7000800000000000abcd@voxanne",
            "DTSTAMP:20261201T080000Z",
            "DTSTART:20261202T100000Z",
            "DTEND:20261202T103000Z",
            "SUMMARY:Appointment",
            "SEQUENCE:2",
        ] {
            assert_eq!(
                text.matches(&format!("{line}\r\n")).count(),
                1,
                "{line} in {text}"
            );
        }
        for line in text.split("\r\n") {
            assert!(line.len() <= 75 && !line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn a_name_cannot_break_out_of_its_line() {
        let text = write(&[listed(Some("O'Brien; Ada, \\x\nATTENDEE:mailto:x@y"))]);
        assert!(!text.contains("\nATTENDEE"), "{text}");
        assert!(text.contains("O'Brien\\; Ada\\, \\\\x"), "{text}");
    }
}

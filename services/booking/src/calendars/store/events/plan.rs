//! What there is to write of a booking.

use jiff_sqlx::Timestamp as At;
use voxanne_ids::BookingId;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;

use super::OursRow;
use crate::{
    availability::Span,
    calendars::{Connection, conflict::Ours, event::Appointment},
};

/// What there is to write about one booking in one calendar.
pub(crate) struct Plan {
    pub(crate) asked: i64,
    pub(crate) failures: i32,
    pub(crate) ours: Ours,
    /// None: it has no place in this calendar.
    pub(crate) appointment: Option<Appointment>,
}

#[derive(sqlx::FromRow)]
struct PlanRow {
    asked: i64,
    failures: i32,
    #[sqlx(flatten)]
    ours: OursRow,
    stands: bool,
    visit_from: At,
    visit_to: At,
    time_zone: String,
    patient: Option<Private<String>>,
}

pub(crate) async fn plan(
    tx: &mut OrgTx,
    connection: Connection,
    booking: BookingId,
) -> Result<Option<Plan>, sqlx::Error> {
    let row: Option<PlanRow> = sqlx::query_as(
        "SELECT event.asked, event.failures, event.booking_id, event.written, event.is_due,
                event.etag, event.google_updated, event.starts_at, event.ends_at, event.conflict,
                event.conflict_etag,
                booking.provider_id = event.provider_id
                  AND booking.status NOT IN ('requested', 'cancelled') AS stands,
                booking.starts_at AS visit_from, booking.ends_at AS visit_to, booking.time_zone,
                CASE WHEN calendar.shows_patients THEN patient.name END AS patient
         FROM booking.calendar_event event
         JOIN booking.calendar
           ON calendar.org_id = event.org_id AND calendar.provider_id = event.provider_id
         JOIN booking.booking
           ON booking.org_id = event.org_id AND booking.id = event.booking_id
         JOIN booking.patient
           ON patient.org_id = booking.org_id AND patient.id = booking.patient_id
         WHERE event.org_id = $1 AND event.provider_id = $2 AND event.booking_id = $3
           AND calendar.connection = $4",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(booking)
    .bind(connection.id)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(PlanRow::read))
}

impl PlanRow {
    fn read(self) -> Plan {
        let appointment = self.stands.then(|| Appointment {
            booking: self.ours.booking_id,
            span: Span {
                from: self.visit_from.to_jiff(),
                to: self.visit_to.to_jiff(),
            },
            time_zone: self.time_zone,
            patient: self.patient,
        });
        Plan {
            asked: self.asked,
            failures: self.failures,
            ours: self.ours.read().1,
            appointment,
        }
    }
}

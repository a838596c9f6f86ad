//! Bookings as rows.

use jiff::SignedDuration;
use voxanne_ids::{BookingId, PatientId, ProviderId, RoomId, SeriesId, ServiceId};
use voxanne_privacy::Private;

use super::super::{Booking, Change, Source, Standing, Status};
use crate::{Error, availability::Span, patients::Patient};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: BookingId,
    status: String,
    starts_at: jiff_sqlx::Timestamp,
    ends_at: jiff_sqlx::Timestamp,
    time_zone: String,
    local_time: jiff_sqlx::DateTime,
    source: String,
    call_id: Option<String>,
    notes: Private<String>,
    version: i64,
    created_at: jiff_sqlx::Timestamp,
    overbooked: bool,
    room_id: Option<RoomId>,
    series_id: Option<SeriesId>,
    provider_id: ProviderId,
    provider_name: String,
    service_id: ServiceId,
    service_name: String,
    patient_id: PatientId,
    patient_name: Private<String>,
    patient_phone: Private<String>,
    patient_email: Option<Private<String>>,
}

#[derive(sqlx::FromRow)]
pub(super) struct ChangeRow {
    status: String,
    actor: String,
    reason: Private<String>,
    at: jiff_sqlx::Timestamp,
    moved_from: Option<jiff_sqlx::Timestamp>,
}

#[derive(sqlx::FromRow)]
pub(super) struct StandingRow {
    status: String,
    version: i64,
    starts_at: jiff_sqlx::Timestamp,
    ends_at: jiff_sqlx::Timestamp,
    change_notice_minutes: i32,
}

pub(super) fn status(word: &str) -> Result<Status, Error> {
    Status::from_word(word).ok_or(Error::Unreadable("status"))
}

impl Row {
    pub(super) fn read(self) -> Result<Booking, Error> {
        Ok(Booking {
            id: self.id,
            status: status(&self.status)?,
            visit: Span {
                from: self.starts_at.to_jiff(),
                to: self.ends_at.to_jiff(),
            },
            time_zone: self.time_zone,
            local_time: self.local_time.to_jiff(),
            provider: self.provider_id,
            provider_name: self.provider_name,
            service: self.service_id,
            service_name: self.service_name,
            patient: Patient {
                id: self.patient_id,
                name: self.patient_name,
                phone: self.patient_phone,
                email: self.patient_email,
            },
            source: Source::from_word(&self.source).ok_or(Error::Unreadable("source"))?,
            call: self.call_id.unwrap_or_default(),
            notes: self.notes,
            version: self.version,
            created_at: self.created_at.to_jiff(),
            overbooked: self.overbooked,
            room: self.room_id,
            series: self.series_id,
            history: Vec::new(),
        })
    }
}

impl ChangeRow {
    pub(super) fn read(self) -> Result<Change, Error> {
        Ok(Change {
            status: status(&self.status)?,
            actor: self.actor,
            reason: self.reason,
            at: self.at.to_jiff(),
            moved_from: self.moved_from.map(|at| at.to_jiff()),
        })
    }
}

impl StandingRow {
    pub(super) fn read(self) -> Result<Standing, Error> {
        Ok(Standing {
            status: status(&self.status)?,
            version: self.version,
            visit: Span {
                from: self.starts_at.to_jiff(),
                to: self.ends_at.to_jiff(),
            },
            notice: SignedDuration::from_mins(self.change_notice_minutes.into()),
        })
    }
}

//! The waitlist as rows.

use jiff::Timestamp;
use voxanne_ids::{BookingId, HoldId, PatientId, ProviderId, ServiceId, WaitlistEntryId};
use voxanne_privacy::Private;

use super::super::{Entry, Offered, PartOfDay, State, Wish};
use super::waiting::Waiting;
use crate::{Error, availability::Span, patients::Patient};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: WaitlistEntryId,
    state: String,
    provider_id: Option<ProviderId>,
    from_date: jiff_sqlx::Date,
    to_date: jiff_sqlx::Date,
    part_of_day: String,
    priority: i32,
    note: Private<String>,
    missed: i32,
    booking_id: Option<BookingId>,
    version: i64,
    queued_at: jiff_sqlx::Timestamp,
    created_at: jiff_sqlx::Timestamp,
    service_id: ServiceId,
    service_name: String,
    patient_id: PatientId,
    patient_name: Private<String>,
    patient_phone: Private<String>,
    patient_email: Option<Private<String>>,
    hold_id: Option<HoldId>,
    offer_provider_id: Option<ProviderId>,
    starts_at: Option<jiff_sqlx::Timestamp>,
    ends_at: Option<jiff_sqlx::Timestamp>,
    time_zone: Option<String>,
    local_time: Option<jiff_sqlx::DateTime>,
    expires_at: Option<jiff_sqlx::Timestamp>,
    has_expired: Option<bool>,
}

#[derive(sqlx::FromRow)]
pub(super) struct WaitingRow {
    id: WaitlistEntryId,
    patient_id: PatientId,
    service_id: ServiceId,
    provider_id: Option<ProviderId>,
    from_date: jiff_sqlx::Date,
    to_date: jiff_sqlx::Date,
    part_of_day: String,
    version: i64,
    asked: Vec<jiff_sqlx::Timestamp>,
}

fn part(word: &str) -> Result<PartOfDay, Error> {
    PartOfDay::from_word(word).ok_or(Error::Unreadable("part of day"))
}

impl Row {
    pub(super) fn read(self) -> Result<Entry, Error> {
        let offer = self.offer();
        Ok(Entry {
            id: self.id,
            state: State::from_word(&self.state).ok_or(Error::Unreadable("state"))?,
            patient: Patient {
                id: self.patient_id,
                name: self.patient_name,
                phone: self.patient_phone,
                email: self.patient_email,
            },
            service: self.service_id,
            service_name: self.service_name,
            wish: Wish {
                provider: self.provider_id,
                from: self.from_date.to_jiff(),
                to: self.to_date.to_jiff(),
                part: part(&self.part_of_day)?,
            },
            priority: self.priority,
            note: self.note,
            missed: self.missed,
            booking: self.booking_id,
            version: self.version,
            queued_at: self.queued_at.to_jiff(),
            created_at: self.created_at.to_jiff(),
            offer,
        })
    }

    /// All of it is there, or nothing.
    fn offer(&self) -> Option<Offered> {
        Some(Offered {
            hold: self.hold_id?,
            provider: self.offer_provider_id?,
            visit: Span {
                from: self.starts_at?.to_jiff(),
                to: self.ends_at?.to_jiff(),
            },
            time_zone: self.time_zone.clone()?,
            local_time: self.local_time?.to_jiff(),
            expires_at: self.expires_at?.to_jiff(),
            has_expired: self.has_expired?,
        })
    }
}

impl WaitingRow {
    pub(super) fn read(self) -> Result<Waiting, Error> {
        let asked: Vec<Timestamp> = self.asked.into_iter().map(|at| at.to_jiff()).collect();
        Ok(Waiting {
            id: self.id,
            patient: self.patient_id,
            service: self.service_id,
            wish: Wish {
                provider: self.provider_id,
                from: self.from_date.to_jiff(),
                to: self.to_date.to_jiff(),
                part: part(&self.part_of_day)?,
            },
            version: self.version,
            asked,
        })
    }
}

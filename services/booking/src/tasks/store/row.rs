//! Tasks as rows.

use voxanne_ids::{BookingId, LocationId, MessageId, PatientId, ProviderId, TaskId, UserId};
use voxanne_privacy::Private;

use crate::{
    Error,
    tasks::{End, Kind, Subject, Task},
};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: TaskId,
    kind: String,
    booking_id: Option<BookingId>,
    patient_id: Option<PatientId>,
    message_id: Option<MessageId>,
    provider_id: Option<ProviderId>,
    location_id: Option<LocationId>,
    note: Private<String>,
    owner_id: Option<UserId>,
    due_at: Option<jiff_sqlx::Timestamp>,
    opened_at: jiff_sqlx::Timestamp,
    opened_by: String,
    outcome: Private<String>,
    resolved_at: Option<jiff_sqlx::Timestamp>,
    resolved_by: Option<String>,
    version: i64,
}

impl Row {
    pub(super) fn read(self) -> Result<Task, Error> {
        let end = self.resolved_at.map(|at| End {
            outcome: self.outcome,
            at: at.to_jiff(),
            by: self.resolved_by.unwrap_or_default(),
        });
        Ok(Task {
            id: self.id,
            kind: Kind::from_word(&self.kind).ok_or(Error::Unreadable("kind"))?,
            subject: Subject {
                booking: self.booking_id,
                patient: self.patient_id,
                message: self.message_id,
                provider: self.provider_id,
                location: self.location_id,
            },
            note: self.note,
            owner: self.owner_id,
            due_at: self.due_at.map(jiff_sqlx::Timestamp::to_jiff),
            opened_at: self.opened_at.to_jiff(),
            opened_by: self.opened_by,
            end,
            version: self.version,
        })
    }
}

//! Calendars on the wire.

use voxanne_clock::to_proto;
use voxanne_ids::ProviderId;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{Knowledge, WhenUnknown, change::Choice, store::Row};
use crate::{Error, error::What};

/// Reads the id of a provider; what cannot be an id is as unknown as any other.
pub(crate) fn provider(text: &str) -> Result<ProviderId, Error> {
    text.parse()
        .map_err(|_malformed| Error::NotFound(What::Provider))
}

impl TryFrom<proto::UpdateCalendarRequest> for Choice {
    type Error = Problem;

    fn try_from(request: proto::UpdateCalendarRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let when_unknown = request.when_unknown.as_deref().map(|word| {
            let read = WhenUnknown::from_word(word);
            if read.is_none() {
                bad.add("whenUnknown", "POLICY", "must be block or allow_and_flag");
            }
            read
        });
        let choice = Self {
            provider: provider(&request.provider_id)?,
            when_unknown: when_unknown.flatten(),
            shows_patients: request.shows_patients,
        };
        bad.finish(Some(choice))
    }
}

impl Row {
    pub(crate) fn into_proto(self, now: jiff::Timestamp) -> Result<proto::Calendar, Error> {
        let when_unknown = self.when_unknown()?;
        let synced_at = self.synced_at.map(jiff_sqlx::Timestamp::to_jiff);
        let is_connected = self.state.as_deref() == Some("connected");
        let knowledge = match self.state {
            // Without a calendar nothing but bookings keeps anybody busy.
            None => Knowledge::Known,
            Some(_) => Knowledge::of(is_connected, synced_at, now),
        };
        Ok(proto::Calendar {
            provider_id: self.provider_id.to_string(),
            state: self.state.unwrap_or_else(|| "none".to_owned()),
            cause: self.cause.unwrap_or_default(),
            busy_is: knowledge.as_str().to_owned(),
            when_unknown: when_unknown.as_str().to_owned(),
            shows_patients: self.shows_patients.unwrap_or_default(),
            connected_at: self.connected_at.map(|at| to_proto(at.to_jiff())),
            synced_at: synced_at.map(to_proto),
            has_feed: self.has_feed,
            conflicts: u32::try_from(self.conflicts).unwrap_or(u32::MAX),
        })
    }
}

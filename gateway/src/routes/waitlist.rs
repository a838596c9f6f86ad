//! `/api/org/{orgId}/waitlist`

pub(crate) mod join;
pub(crate) mod list;
pub(crate) mod settle;

use serde::Serialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::booking::v1 as proto;

use super::{moment, part::told, patients::Patient};

/// Somebody who waits for time to become free.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WaitlistEntry {
    id: String,
    /// waiting, offered, booked, declined or removed.
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<Patient>,
    service_id: String,
    service_name: String,
    /// Absent: any provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_id: Option<String>,
    /// Civil days at the clinic, both included.
    from_date: String,
    to_date: String,
    /// any, morning, afternoon or evening.
    part_of_day: String,
    /// Higher comes first.
    priority: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    note: Option<Private<String>>,
    /// Offers that it let run out; fewer come first.
    missed: u32,
    /// Grows by one with every change.
    version: i64,
    created_at: String,
    /// What it is offered now.
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<WaitlistOffer>,
    /// What became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_id: Option<String>,
}

/// A slot that is kept for somebody who waits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WaitlistOffer {
    hold_id: String,
    starts_at: String,
    ends_at: String,
    /// Civil time at the location, e.g. `2026-12-01T09:00`.
    local_time: String,
    /// IANA name.
    time_zone: String,
    provider_id: String,
    /// When the next in rank is offered it.
    expires_at: String,
}

impl From<proto::WaitlistEntry> for WaitlistEntry {
    fn from(entry: proto::WaitlistEntry) -> Self {
        Self {
            id: entry.id,
            state: entry.state,
            patient: entry.patient.map(Into::into),
            service_id: entry.service_id,
            service_name: entry.service_name,
            provider_id: told(entry.provider_id),
            from_date: entry.from_date,
            to_date: entry.to_date,
            part_of_day: entry.part_of_day,
            priority: entry.priority,
            note: told(entry.note).map(Private::new),
            missed: entry.missed,
            version: entry.version,
            created_at: moment::written(entry.created_at),
            offer: entry.offer.map(Into::into),
            booking_id: told(entry.booking_id),
        }
    }
}

impl From<proto::WaitlistOffer> for WaitlistOffer {
    fn from(offer: proto::WaitlistOffer) -> Self {
        Self {
            hold_id: offer.hold_id,
            starts_at: moment::written(offer.starts_at),
            ends_at: moment::written(offer.ends_at),
            local_time: offer.local_time,
            time_zone: offer.time_zone,
            provider_id: offer.provider_id,
            expires_at: moment::written(offer.expires_at),
        }
    }
}

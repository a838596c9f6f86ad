//! Appointments.

pub(crate) mod cancel;
pub(crate) mod confirm;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod mark;
pub(crate) mod reschedule;
pub(crate) mod series;
pub(crate) mod show;

use serde::Serialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::booking::v1 as proto;

use super::{moment, part::told, patients::Patient};

/// An appointment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Booking {
    id: String,
    /// requested, booked, confirmed, arrived, completed, `no_show` or cancelled.
    status: String,
    starts_at: String,
    ends_at: String,
    /// IANA name.
    time_zone: String,
    /// Civil time at the location, e.g. `2026-12-01T09:00`.
    local_time: String,
    provider_id: String,
    provider_name: String,
    service_id: String,
    service_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<Patient>,
    /// api, voice or dashboard.
    source: String,
    /// Grows by one with every change.
    version: i64,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    notes: Option<Private<String>>,
    /// The provider's id of the phone call it was made in.
    #[serde(skip_serializing_if = "Option::is_none")]
    call_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<String>,
    /// Staff booked over what was taken.
    overbooked: bool,
    /// The series it is one of.
    #[serde(skip_serializing_if = "Option::is_none")]
    series_id: Option<String>,
    /// Oldest first; absent in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    history: Vec<Change>,
}

/// One change of a booking.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    status: String,
    /// `user:usr_…`, `call:…` or `job:…`.
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    reason: Option<Private<String>>,
    at: String,
    /// The start it had before it was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_from: Option<String>,
}

impl From<proto::Booking> for Booking {
    fn from(booking: proto::Booking) -> Self {
        Self {
            id: booking.id,
            status: booking.status,
            starts_at: moment::written(booking.starts_at),
            ends_at: moment::written(booking.ends_at),
            time_zone: booking.time_zone,
            local_time: booking.local_time,
            provider_id: booking.provider_id,
            provider_name: booking.provider_name,
            service_id: booking.service_id,
            service_name: booking.service_name,
            patient: booking.patient.map(Into::into),
            source: booking.source,
            version: booking.version,
            created_at: moment::written(booking.created_at),
            notes: told(booking.notes).map(Private::new),
            call_id: told(booking.call_id),
            room_id: told(booking.room_id),
            overbooked: booking.overbooked,
            series_id: told(booking.series_id),
            history: booking.history.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<proto::Change> for Change {
    fn from(change: proto::Change) -> Self {
        Self {
            status: change.status,
            actor: change.actor,
            reason: told(change.reason).map(Private::new),
            at: moment::written(change.at),
            moved_from: change.moved_from.map(|at| moment::written(Some(at))),
        }
    }
}

//! Free times.

#![expect(
    unused_qualifications,
    reason = "written by the macro that documents the route"
)]

use axum::{Json, extract::State};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;

use super::{moment, part::told};
use crate::{App, auth::Member, body::Parameters, reply::Refusal};

/// What is shown when nobody says how far to look.
const DEFAULT_SPAN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Which slots are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The clinic's first service unless said.
    #[param(format = "service-id")]
    service_id: Option<String>,
    /// Any provider unless said.
    #[param(format = "provider-id")]
    provider_id: Option<String>,
    /// The present moment unless said.
    #[param(value_type = Option<String>, format = "date-time")]
    from: Option<Timestamp>,
    /// At most 62 days after `from`; 7 unless said.
    #[param(value_type = Option<String>, format = "date-time")]
    to: Option<Timestamp>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// Say why a day has no slot.
    explain: Option<bool>,
}

/// A time that can be booked at once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Slot {
    slot_id: String,
    starts_at: String,
    ends_at: String,
    provider_id: String,
    provider_name: String,
    service_id: String,
    service_name: String,
    /// Civil time at the location, e.g. `2026-12-01T09:00`.
    local_time: String,
    /// IANA name.
    time_zone: String,
}

/// A day without a slot, and why.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmptyDay {
    /// E.g. `2026-12-01`.
    date: String,
    /// CLOSED, HOLIDAY, BREAK, BLOCKED, FULL, `DAILY_LIMIT`, `NO_ROOM`, `SHORT_NOTICE`,
    /// `BEYOND_HORIZON`, PAST or `NO_PROVIDER`.
    reason: String,
    /// What can be said to a caller.
    sentence: String,
    /// Of the holiday.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// Free times in order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Slots {
    items: Vec<Slot>,
    time_zone: String,
    /// With `explain` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    empty_days: Option<Vec<EmptyDay>>,
}

impl From<proto::Slot> for Slot {
    fn from(slot: proto::Slot) -> Self {
        Self {
            slot_id: slot.slot_id,
            starts_at: moment::written(slot.starts_at),
            ends_at: moment::written(slot.ends_at),
            provider_id: slot.provider_id,
            provider_name: slot.provider_name,
            service_id: slot.service_id,
            service_name: slot.service_name,
            local_time: slot.local_time,
            time_zone: slot.time_zone,
        }
    }
}

impl From<proto::EmptyDay> for EmptyDay {
    fn from(day: proto::EmptyDay) -> Self {
        Self {
            date: day.date,
            reason: day.reason,
            sentence: day.sentence,
            name: told(day.name),
        }
    }
}

/// Finds free times.
#[utoipa::path(get, path = "/slots", tag = "bookings", params(Wanted), responses(
    (status = 200, description = "Free times in order", body = Slots),
    (status = 404, description = "SERVICE_NOT_FOUND, PROVIDER_NOT_FOUND")))]
pub(crate) async fn find(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Json<Slots>, Refusal> {
    let explain = wanted.explain.unwrap_or(false);
    let message = message(wanted, app.process.clock.now())?;
    let booking = &app.clients.booking;
    let request = booking.request(&tenant, message);
    let found = booking.client().find_slots(request).await?.into_inner();
    Ok(Json(Slots {
        items: found.slots.into_iter().map(Into::into).collect(),
        time_zone: found.time_zone,
        empty_days: explain.then(|| found.empty_days.into_iter().map(Into::into).collect()),
    }))
}

fn message(wanted: Wanted, now: Timestamp) -> Result<proto::FindSlotsRequest, Problem> {
    let from = wanted.from.unwrap_or(now);
    let to = match wanted.to {
        Some(to) => to,
        None => from
            .saturating_add(DEFAULT_SPAN)
            .map_err(Problem::internal)?,
    };
    Ok(proto::FindSlotsRequest {
        service_id: wanted.service_id.unwrap_or_default(),
        provider_id: wanted.provider_id.unwrap_or_default(),
        from: moment::to_proto(Some(from)),
        to: moment::to_proto(Some(to)),
        limit: wanted.limit.unwrap_or(0),
        explain: wanted.explain.unwrap_or(false),
        ..proto::FindSlotsRequest::default()
    })
}

//! `GET /api/org/{orgId}/bookings`

#![expect(
    unused_qualifications,
    reason = "written by the macro that documents the route"
)]

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use voxanne_proto::booking::v1 as proto;

use super::Booking;
use crate::{
    App,
    auth::Member,
    body::Parameters,
    reply::Refusal,
    routes::{list::List, moment},
};

/// How far a booking has come.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Booked,
    Confirmed,
    Cancelled,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Which bookings are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Bookings that end after it.
    #[param(value_type = Option<String>, format = "date-time")]
    from: Option<Timestamp>,
    /// Bookings that start before it.
    #[param(value_type = Option<String>, format = "date-time")]
    to: Option<Timestamp>,
    #[param(inline)]
    status: Option<Status>,
    #[param(format = "provider-id")]
    provider_id: Option<String>,
    /// The provider's id of the phone call they were made in.
    #[param(max_length = 128)]
    call_id: Option<String>,
    /// How many at most; 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Lists bookings in order of their start.
#[utoipa::path(get, path = "/bookings", tag = "bookings", params(Filter),
    responses((status = 200, description = "A page of bookings", body = List<Booking>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<List<Booking>>, Refusal> {
    let booking = &app.clients.booking;
    let message = proto::ListBookingsRequest {
        from: moment::to_proto(filter.from),
        to: moment::to_proto(filter.to),
        status: filter.status.map_or("", Status::as_str).to_owned(),
        provider_id: filter.provider_id.unwrap_or_default(),
        limit: filter.limit.unwrap_or(0),
        cursor: filter.cursor.unwrap_or_default(),
        call_id: filter.call_id.unwrap_or_default(),
        ..proto::ListBookingsRequest::default()
    };
    let request = booking.request(&tenant, message);
    let page = booking.client().list_bookings(request).await?.into_inner();
    Ok(Json(List::new(page.bookings, page.next_cursor)))
}

//! `GET /api/org/{orgId}/waitlist`

#![expect(
    unused_qualifications,
    reason = "written by the macro that documents the route"
)]

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use voxanne_proto::booking::v1 as proto;

use super::WaitlistEntry;
use crate::{App, auth::Member, body::Parameters, reply::Refusal, routes::list::List};

/// How far an entry of the waitlist has come.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EntryState {
    Waiting,
    Offered,
    Booked,
    Declined,
    Removed,
}

impl EntryState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Booked => "booked",
            Self::Declined => "declined",
            Self::Removed => "removed",
        }
    }
}

/// Which entries are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct WaitlistFilter {
    #[param(inline)]
    state: Option<EntryState>,
    #[param(format = "service-id")]
    service_id: Option<String>,
    /// How many at most; 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Lists who waits, by rank: fewer missed offers first, then higher priority, then longer waiting.
#[utoipa::path(get, path = "/waitlist", tag = "bookings", params(WaitlistFilter),
    responses((status = 200, description = "A page of the waitlist", body = List<WaitlistEntry>)))]
pub(crate) async fn list_waitlist(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(filter): Parameters<WaitlistFilter>,
) -> Result<Json<List<WaitlistEntry>>, Refusal> {
    let waitlist = &app.clients.waitlist;
    let message = proto::ListWaitlistRequest {
        state: filter.state.map_or("", EntryState::as_str).to_owned(),
        service_id: filter.service_id.unwrap_or_default(),
        limit: filter.limit.unwrap_or(0),
        cursor: filter.cursor.unwrap_or_default(),
    };
    let request = waitlist.request(&tenant, message);
    let page = waitlist.client().list_waitlist(request).await?.into_inner();
    Ok(Json(List::new(page.entries, page.next_cursor)))
}

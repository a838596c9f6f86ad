//! Accepting, declining and leaving, below `/api/org/{orgId}/waitlist/{id}`.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use super::WaitlistEntry;
use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    reply::Refusal,
    routes::{bookings::Booking, id::Id, part::promised},
};

/// Which version of an entry is answered for.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SeenEntry {
    /// Only what this version of the entry is offered.
    #[schema(minimum = 1)]
    version: Option<i64>,
}

impl Form for SeenEntry {
    const MAY_BE_ABSENT: bool = true;
}

/// An entry whose offer was accepted, and the booking.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AcceptedOffer {
    entry: WaitlistEntry,
    booking: Booking,
}

/// Takes an entry off the waitlist, with what it is offered.
#[utoipa::path(delete, path = "/waitlist/{id}", tag = "bookings",
    params(("id" = String, Path, description = "`wle_…`")), responses(
    (status = 204, description = "It waits no more"),
    (status = 404, description = "WAITLIST_ENTRY_NOT_FOUND"),
    (status = 409, description = "WAITLIST_ENTRY_OVER: booked or declined")))]
pub(crate) async fn leave(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let waitlist = &app.clients.waitlist;
    let request = waitlist.request(&tenant, proto::LeaveWaitlistRequest { id });
    waitlist.client().leave_waitlist(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Books what an entry is offered.
#[utoipa::path(post, path = "/waitlist/{id}/accept", tag = "bookings",
    request_body = Option<SeenEntry>,
    params(("id" = String, Path, description = "`wle_…`")), responses(
    (status = 200, description = "The entry and its booking", body = AcceptedOffer),
    (status = 404, description = "WAITLIST_ENTRY_NOT_FOUND"),
    (status = 409, description = "OFFER_OVER, STALE_VERSION")))]
pub(crate) async fn accept(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(seen): Body<SeenEntry>,
) -> Result<Json<AcceptedOffer>, Refusal> {
    let waitlist = &app.clients.waitlist;
    let version = seen.version;
    let request = waitlist.request(&tenant, proto::AcceptOfferRequest { id, version });
    let answer = waitlist.client().accept_offer(request).await?.into_inner();
    Ok(Json(AcceptedOffer {
        entry: promised(answer.entry)?.into(),
        booking: promised(answer.booking)?.into(),
    }))
}

/// Declines what an entry is offered; the next in rank is offered it.
#[utoipa::path(post, path = "/waitlist/{id}/decline", tag = "bookings",
    request_body = Option<SeenEntry>,
    params(("id" = String, Path, description = "`wle_…`")), responses(
    (status = 200, description = "The entry", body = WaitlistEntry),
    (status = 404, description = "WAITLIST_ENTRY_NOT_FOUND"),
    (status = 409, description = "OFFER_OVER, STALE_VERSION")))]
pub(crate) async fn decline(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(seen): Body<SeenEntry>,
) -> Result<Json<WaitlistEntry>, Refusal> {
    let waitlist = &app.clients.waitlist;
    let version = seen.version;
    let request = waitlist.request(&tenant, proto::DeclineOfferRequest { id, version });
    let answer = waitlist.client().decline_offer(request).await?.into_inner();
    Ok(Json(promised(answer.entry)?.into()))
}

//! Google calendars of providers, and their private feeds.

pub(crate) mod connect;
pub(crate) mod feed;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use super::{
    id::Id,
    list::{List, Paging},
    moment,
    part::{promised, told},
};
use crate::{
    App,
    auth::Member,
    body::{Body, Form, Parameters},
    reply::Refusal,
};

/// The state of a provider's calendar; nothing of it is secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Calendar {
    provider_id: String,
    /// none, connected or reconnect.
    state: String,
    /// Why it is not well.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// known or unknown: whether it can be said when the provider is busy.
    busy_is: String,
    /// block or `allow_and_flag`: what happens to slots while that is unknown.
    when_unknown: String,
    /// Whether patients' names are written into the calendar and its feed.
    shows_patients: bool,
    /// RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    connected_at: Option<String>,
    /// Up to when changes in Google are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    synced_at: Option<String>,
    /// Whether a feed key was made.
    has_feed: bool,
    /// Bookings that somebody moved or deleted in Google.
    conflicts: u32,
    /// What Google said, in words; after a test only.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<String>,
}

impl From<proto::Calendar> for Calendar {
    fn from(calendar: proto::Calendar) -> Self {
        Self {
            provider_id: calendar.provider_id,
            state: calendar.state,
            cause: told(calendar.cause),
            busy_is: calendar.busy_is,
            when_unknown: calendar.when_unknown,
            shows_patients: calendar.shows_patients,
            connected_at: moment::text(calendar.connected_at),
            synced_at: moment::text(calendar.synced_at),
            has_feed: calendar.has_feed,
            conflicts: calendar.conflicts,
            verdict: None,
        }
    }
}

/// What is to change of a calendar.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CalendarChange {
    #[schema(pattern = "^(block|allow_and_flag)$")]
    when_unknown: Option<String>,
    shows_patients: Option<bool>,
}

impl Form for CalendarChange {}

/// The key of a feed, shown this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeedKey {
    key: String,
    /// What a calendar program subscribes to.
    url: String,
}

/// Lists every provider with the state of its calendar.
#[utoipa::path(get, path = "/calendars", tag = "calendars", params(Paging),
    responses((status = 200, description = "A page of calendars", body = List<Calendar>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<Calendar>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let calendars = &app.clients.calendars;
    let request = calendars.request(&tenant, proto::ListCalendarsRequest { limit, cursor });
    let page = calendars.client().list_calendars(request).await?;
    let page = page.into_inner();
    Ok(Json(List::new(page.calendars, page.next_cursor)))
}

/// Chooses what happens while Google cannot be asked, and whether patients are named.
#[utoipa::path(patch, path = "/calendars/{id}", tag = "calendars", request_body = CalendarChange,
    params(("id" = String, Path, description = "The provider, `prv_…`")), responses(
    (status = 200, description = "The calendar", body = Calendar),
    (status = 404, description = "PROVIDER_NOT_FOUND"),
    (status = 409, description = "CALENDAR_NOT_CONNECTED")))]
pub(crate) async fn update(
    State(app): State<App>,
    Member(tenant): Member,
    Id(provider_id): Id,
    Body(change): Body<CalendarChange>,
) -> Result<Json<Calendar>, Refusal> {
    let calendars = &app.clients.calendars;
    let message = proto::UpdateCalendarRequest {
        provider_id,
        when_unknown: change.when_unknown,
        shows_patients: change.shows_patients,
    };
    let request = calendars.request(&tenant, message);
    let answer = calendars.client().update_calendar(request).await?;
    Ok(Json(promised(answer.into_inner().calendar)?.into()))
}

/// Gives the consent back to Google and forgets the calendar; events that were written stay there.
#[utoipa::path(delete, path = "/calendars/{id}", tag = "calendars",
    params(("id" = String, Path, description = "The provider, `prv_…`")), responses(
    (status = 204, description = "No calendar is connected"),
    (status = 404, description = "PROVIDER_NOT_FOUND")))]
pub(crate) async fn disconnect(
    State(app): State<App>,
    Member(tenant): Member,
    Id(provider_id): Id,
) -> Result<StatusCode, Refusal> {
    let calendars = &app.clients.calendars;
    let request = calendars.request(&tenant, proto::DisconnectRequest { provider_id });
    calendars.client().disconnect(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks Google whether the consent still holds, with a new access token.
///
/// The answer is the calendar with `verdict` in words; `state` is then `connected` or `reconnect`.
/// When Google does not say, nothing changes.
#[utoipa::path(post, path = "/calendars/{id}/test", tag = "calendars",
    params(("id" = String, Path, description = "The provider, `prv_…`")), responses(
    (status = 200, description = "What Google said", body = Calendar),
    (status = 404, description = "PROVIDER_NOT_FOUND"),
    (status = 409, description = "CALENDAR_NOT_CONNECTED, NOT_CONFIGURED"),
    (status = 503, description = "GOOGLE_UNAVAILABLE")))]
pub(crate) async fn test(
    State(app): State<App>,
    Member(tenant): Member,
    Id(provider_id): Id,
) -> Result<Json<Calendar>, Refusal> {
    let calendars = &app.clients.calendars;
    let request = calendars.request(&tenant, proto::TestCalendarRequest { provider_id });
    let said = calendars.client().test_calendar(request).await?;
    let said = said.into_inner();
    let mut calendar = Calendar::from(promised(said.calendar)?);
    calendar.verdict = Some(said.verdict);
    Ok(Json(calendar))
}

/// Makes a new key for the provider's feed; an earlier one ends.
#[utoipa::path(post, path = "/providers/{id}/feed-key", tag = "calendars",
    params(("id" = String, Path, description = "`prv_…`")), responses(
    (status = 201, description = "The key, shown once", body = FeedKey),
    (status = 404, description = "PROVIDER_NOT_FOUND")))]
pub(crate) async fn make_feed_key(
    State(app): State<App>,
    Member(tenant): Member,
    Id(provider_id): Id,
) -> Result<(StatusCode, Json<FeedKey>), Refusal> {
    let calendars = &app.clients.calendars;
    let request = calendars.request(&tenant, proto::MakeFeedKeyRequest { provider_id });
    let key = calendars
        .client()
        .make_feed_key(request)
        .await?
        .into_inner()
        .key;
    let url = feed::url(&app.config.public_url, tenant.org(), &key);
    Ok((StatusCode::CREATED, Json(FeedKey { key, url })))
}

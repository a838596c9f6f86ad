//! Civil days that differ from the week.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use super::{
    id::Id,
    list::{List, Paging},
    part::{promised, told},
};
use crate::{
    App,
    auth::Member,
    body::{Body, Form, Parameters},
    reply::Refusal,
};

/// One stretch of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Stretch {
    #[schema(pattern = r"^([01]\d|2[0-3]):[0-5]\d$", example = "09:00")]
    opens: String,
    /// `24:00` is the end of the day.
    #[schema(pattern = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", example = "17:00")]
    closes: String,
}

/// A civil day that differs from the week.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DayException {
    id: String,
    /// Absent: the whole clinic.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_id: Option<String>,
    /// E.g. `2026-12-24`.
    date: String,
    /// `hours`, `closed` or `holiday`.
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    hours: Vec<Stretch>,
}

impl From<proto::DayException> for DayException {
    fn from(exception: proto::DayException) -> Self {
        let stretch = |stretch: proto::Stretch| Stretch {
            opens: stretch.opens,
            closes: stretch.closes,
        };
        Self {
            id: exception.id,
            provider_id: told(exception.provider_id),
            date: exception.date,
            kind: exception.kind,
            name: told(exception.name),
            hours: exception.hours.into_iter().map(stretch).collect(),
        }
    }
}

/// Other hours, closed for the day, or closed for a holiday of the whole clinic.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum DayKind {
    Hours,
    Closed,
    Holiday,
}

impl DayKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Closed => "closed",
            Self::Holiday => "holiday",
        }
    }
}

/// A day to set. A provider's own comes before the clinic's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewException {
    /// Absent: the whole clinic.
    #[schema(format = "provider-id")]
    provider_id: Option<String>,
    #[schema(format = "date", example = "2026-12-24")]
    date: String,
    kind: DayKind,
    /// What a caller may be told; a holiday needs one.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// With `hours` only.
    #[schema(max_items = 20)]
    hours: Option<Vec<Stretch>>,
}

impl Form for NewException {}

/// Lists the exceptions.
#[utoipa::path(get, path = "/exceptions", tag = "clinic", params(Paging),
    responses((status = 200, description = "A page of exceptions", body = List<DayException>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<DayException>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let days = &app.clients.days;
    let request = days.request(&tenant, proto::ListExceptionsRequest { limit, cursor });
    let page = days.client().list_exceptions(request).await?.into_inner();
    Ok(Json(List::new(page.exceptions, page.next_cursor)))
}

/// Sets a day that differs from the week.
#[utoipa::path(post, path = "/exceptions", tag = "clinic", request_body = NewException, responses(
    (status = 201, description = "The day", body = DayException),
    (status = 404, description = "PROVIDER_NOT_FOUND"),
    (status = 409, description = "EXCEPTION_EXISTS")))]
pub(crate) async fn create(
    State(app): State<App>,
    Member(tenant): Member,
    Body(new): Body<NewException>,
) -> Result<(StatusCode, Json<DayException>), Refusal> {
    let stretch = |stretch: Stretch| proto::Stretch {
        opens: stretch.opens,
        closes: stretch.closes,
    };
    let message = proto::CreateExceptionRequest {
        provider_id: new.provider_id.unwrap_or_default(),
        date: new.date,
        kind: new.kind.word().to_owned(),
        name: new.name.unwrap_or_default(),
        hours: new.hours.into_iter().flatten().map(stretch).collect(),
    };
    let days = &app.clients.days;
    let request = days.request(&tenant, message);
    let answer = days.client().create_exception(request).await?.into_inner();
    Ok((
        StatusCode::CREATED,
        Json(promised(answer.exception)?.into()),
    ))
}

/// Gives a day back to the week.
#[utoipa::path(delete, path = "/exceptions/{id}", tag = "clinic",
    params(("id" = String, Path, description = "`exc_…`")), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "EXCEPTION_NOT_FOUND")))]
pub(crate) async fn delete(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let days = &app.clients.days;
    let request = days.request(&tenant, proto::DeleteExceptionRequest { id });
    days.client().delete_exception(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Text messages.

#![expect(
    unused_qualifications,
    reason = "written by the macro that documents the route"
)]

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use voxanne_privacy::Private;
use voxanne_proto::notification::v1 as proto;

use super::{
    id::Id,
    list::List,
    moment,
    part::{promised, told},
};
use crate::{
    App,
    auth::Member,
    body::{Body, Form, Parameters},
    idempotency::{Keyed, mark_replayed},
    reply::Refusal,
};

/// One text message and how far it has come.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    id: String,
    #[schema(value_type = String)]
    to: Private<String>,
    #[schema(value_type = String)]
    body: Private<String>,
    /// queued, sending, sent, delivered, undelivered, failed, unknown or suppressed.
    state: String,
    /// Why it is in that state, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_id: Option<String>,
    /// `booking_confirmation` or direct.
    kind: String,
    created_at: String,
    updated_at: String,
    /// Twilio's.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<u32>,
}

impl From<proto::Message> for Message {
    fn from(message: proto::Message) -> Self {
        Self {
            id: message.id,
            to: message.to.into(),
            body: message.body.into(),
            state: message.state,
            cause: told(message.cause),
            booking_id: told(message.booking_id),
            kind: message.kind,
            created_at: moment::written(message.created_at),
            updated_at: moment::written(message.updated_at),
            error_code: (message.error_code != 0).then_some(message.error_code),
        }
    }
}

/// A text to send.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewMessage {
    #[schema(value_type = String, min_length = 3, max_length = 40)]
    to: Private<String>,
    #[schema(value_type = String, min_length = 1, max_length = 1600)]
    body: Private<String>,
}

impl Form for NewMessage {}

/// Which messages are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    #[param(format = "booking-id")]
    booking_id: Option<String>,
    /// How many at most; 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Lists messages, newest first.
#[utoipa::path(get, path = "/messages", tag = "messages", params(Filter),
    responses((status = 200, description = "A page of messages", body = List<Message>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<List<Message>>, Refusal> {
    let notification = &app.clients.notification;
    let message = proto::ListMessagesRequest {
        limit: filter.limit.unwrap_or(0),
        cursor: filter.cursor.unwrap_or_default(),
        booking_id: filter.booking_id.unwrap_or_default(),
    };
    let request = notification.request(&tenant, message);
    let page = notification
        .client()
        .list_messages(request)
        .await?
        .into_inner();
    Ok(Json(List::new(page.messages, page.next_cursor)))
}

/// Queues one text.
#[utoipa::path(post, path = "/messages", tag = "messages", request_body = NewMessage,
    responses((status = 201, description = "The message, queued", body = Message)))]
pub(crate) async fn send(
    State(app): State<App>,
    Member(tenant): Member,
    keyed: Keyed,
    Body(new): Body<NewMessage>,
) -> Result<Response, Refusal> {
    app.limits.text(tenant.org(), new.to.expose()).await?;
    let notification = &app.clients.notification;
    let message = proto::SendMessageRequest {
        to: new.to.into_exposed(),
        body: new.body.into_exposed(),
    };
    let request = keyed.attach(notification.request(&tenant, message));
    let answer = notification
        .client()
        .send_message(request)
        .await?
        .into_inner();
    let queued: Message = promised(answer.message)?.into();
    let mut response = (StatusCode::CREATED, Json(queued)).into_response();
    if answer.replayed {
        mark_replayed(&mut response);
    }
    Ok(response)
}

/// Queues a failed message again.
#[utoipa::path(post, path = "/messages/{id}/retry", tag = "messages",
    params(("id" = String, Path, description = "`msg_…`")), responses(
    (status = 200, description = "The message, queued again", body = Message),
    (status = 404, description = "MESSAGE_NOT_FOUND"),
    (status = 409, description = "NOT_RETRYABLE")))]
pub(crate) async fn retry(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Json<Message>, Refusal> {
    let notification = &app.clients.notification;
    let request = notification.request(&tenant, proto::RetryMessageRequest { id });
    let answer = notification
        .client()
        .retry_message(request)
        .await?
        .into_inner();
    Ok(Json(promised(answer.message)?.into()))
}

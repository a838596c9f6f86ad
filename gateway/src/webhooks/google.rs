//! Google rings: a calendar has changed. It says no more than that, and signs nothing.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use voxanne_proto::booking::v1::RingRequest;

use crate::{App, reply::Refusal, request_id};

/// A calendar that we watch has changed.
///
/// The channel's token (`X-Goog-Channel-Token`) is the proof. A ring that nobody asked for is answered like any other.
#[utoipa::path(post, path = "/api/webhooks/google-calendar", tag = "webhooks", params(
    ("X-Goog-Channel-ID" = Option<String>, Header, description = "The channel that was made"),
    ("X-Goog-Channel-Token" = Option<String>, Header, description = "What it was made with"),
    ("X-Goog-Resource-ID" = Option<String>, Header, description = "What is watched"),
    ("X-Goog-Resource-State" = Option<String>, Header, description = "sync, exists or not_exists")),
    responses((status = 204, description = "Heard")))]
pub(crate) async fn ring(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let channel_id = text("x-goog-channel-id");
    // The first ring only says that the channel works.
    if text("x-goog-resource-state") == "sync" || channel_id.parse::<uuid::Uuid>().is_err() {
        return Ok(StatusCode::NO_CONTENT);
    }
    app.limits.callback(&channel_id).await?;
    let message = RingRequest {
        channel_id,
        token: text("x-goog-channel-token"),
        resource_id: text("x-goog-resource-id"),
    };
    let calendars = &app.clients.calendars;
    let request = calendars.system_request(request_id::current(), message);
    calendars.client().ring(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

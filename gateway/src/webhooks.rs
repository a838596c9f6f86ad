//! What providers send, each request with its own proof.

use utoipa_axum::router::OpenApiRouter;

use crate::App;

/// The webhooks of Vapi and Twilio; they bring their own body limits.
pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

//! What providers send, each request with its own proof.

mod fading;
mod intake;
pub(crate) mod twilio;
pub(crate) mod vapi;

use utoipa_axum::{router::OpenApiRouter, routes};

use self::{twilio::accounts::Accounts, vapi::assistants::Assistants};
use crate::App;

/// The webhooks of Vapi and Twilio; they bring their own body limits.
pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(vapi::message))
        .routes(routes!(vapi::tool))
        .routes(routes!(twilio::status))
        .routes(routes!(twilio::inbound))
}

/// Whose webhooks these are, as far as it was asked a moment ago.
#[derive(Default)]
pub struct Senders {
    assistants: Assistants,
    accounts: Accounts,
}

//! What providers send, each request with its own proof.

mod fading;
mod intake;
pub(crate) mod twilio;
pub(crate) mod vapi;

use tokio::sync::Semaphore;
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

/// Bodies of 8 MiB that may be in memory at once before anybody has proved that they are Vapi's.
const UNPROVEN: usize = 8;

/// Whose webhooks these are, as far as it was asked a moment ago.
pub struct Senders {
    assistants: Assistants,
    accounts: Accounts,
    /// Room for bodies that are only claimed to be signed.
    unproven: Semaphore,
}

impl Default for Senders {
    fn default() -> Self {
        Self {
            assistants: Assistants::default(),
            accounts: Accounts::default(),
            unproven: Semaphore::new(UNPROVEN),
        }
    }
}

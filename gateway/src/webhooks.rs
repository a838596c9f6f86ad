//! What providers send, each request with its own proof.

mod fading;
pub(crate) mod google;
mod intake;
pub(crate) mod twilio;
pub(crate) mod vapi;

use std::time::Duration;

use tokio::sync::Semaphore;
use utoipa_axum::{router::OpenApiRouter, routes};
use voxanne_problem::{Kind, Problem};

use self::{twilio::accounts::Accounts, vapi::assistants::Assistants};
use crate::App;

/// The webhooks of Vapi, Twilio and Google; they bring their own body limits.
pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(vapi::message))
        .routes(routes!(vapi::tool))
        .routes(routes!(twilio::status))
        .routes(routes!(twilio::inbound))
        .routes(routes!(google::ring))
}

/// Bodies of 8 MiB that may be in memory at once before anybody has proved that they are Vapi's.
const UNPROVEN: usize = 8;
/// Webhooks that may wait at once for a newer secret than none of the known ones fits. Anybody can
/// make one wait, so they must not take the places of those that are signed.
const DOUBTS: usize = 256;

/// Whose webhooks these are, as far as it was asked a moment ago.
pub struct Senders {
    assistants: Assistants,
    accounts: Accounts,
    /// Room for bodies that are only claimed to be signed.
    unproven: Semaphore,
    doubts: Semaphore,
}

impl Default for Senders {
    fn default() -> Self {
        Self {
            assistants: Assistants::default(),
            accounts: Accounts::default(),
            unproven: Semaphore::new(UNPROVEN),
            doubts: Semaphore::new(DOUBTS),
        }
    }
}

/// Proofs that take time are examined for so many at once.
fn busy() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "BUSY",
        "too many webhooks whose signature is not verified yet arrive at once",
    )
    .retry_after(Duration::from_secs(1))
}

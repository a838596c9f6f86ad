//! The control surface: what a developer or a test tells the stand-ins to do.

mod faults;
mod google;
mod mail;
mod refusal;
mod twilio;
mod vapi;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, patch, post},
};

use crate::Sandbox;

pub(crate) fn routes() -> Router<Arc<Sandbox>> {
    Router::new()
        .route(
            "/faults",
            post(faults::add).get(faults::list).delete(faults::clear),
        )
        .route("/google/events", get(google::events).post(google::create))
        .route(
            "/google/events/{id}",
            patch(google::change).delete(google::delete),
        )
        .route("/google/consent", post(google::consent))
        .route("/google/forget", post(google::forget))
        .route("/google/connections", get(google::connections))
        .route("/mail/messages", get(mail::messages).delete(mail::clear))
        .route("/twilio/accounts", post(twilio::add_account))
        .route("/twilio/messages", get(twilio::messages))
        .route("/twilio/inbound", post(twilio::inbound))
        .route("/vapi/tools", get(vapi::tools))
        .route("/vapi/assistants", get(vapi::assistants))
        .route("/vapi/calls", get(vapi::calls).post(vapi::start))
        .route("/vapi/calls/{id}/turns", post(vapi::turns))
        .route("/vapi/calls/{id}/end", post(vapi::end))
}

//! The sandbox as its users meet it: over HTTP, with a tiny receiver for what it sends.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its shared parts too"
)]

mod clinic;
mod faults;
mod google;
mod mail;
mod receiver;
mod stage;
mod twilio_inbound;
mod twilio_messages;
mod twilio_refusals;
mod vapi_call_shape;
mod vapi_calls;
mod vapi_contract;
mod vapi_resources;

//! The service as its callers see it, with the sandbox in Twilio's place.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its shared parts too"
)]

mod callbacks;
mod confirmations;
mod credentials;
mod direct;
mod edge;
mod erasures;
mod isolation;
mod killed;
mod list;
mod refusals;
mod retry;
mod rights;
mod stage;
mod trace;
mod twilio;
mod unknown;
mod upstreams;

//! The service over gRPC, with Postgres behind it.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its shared parts too"
)]

mod account;
mod api_keys;
mod audit;
mod calendars;
mod credentials;
mod fixture;
mod gate;
mod inbox;
mod invitations;
mod isolation;
mod login;
mod mail;
mod members;
mod races;
mod refresh;
mod refusals;
mod renew;
mod rotation;
mod second_factor;
mod session;
mod sessions;
mod shutdown;
mod sign_up;
mod tested;
mod vault;
mod webhook_secrets;

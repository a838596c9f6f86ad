//! The REST side of the gateway, with single rpcs behind it.

mod document;
mod fixture;
mod idempotency;
mod operations;
mod problems;
mod revocations;
mod sessions;
mod tokens;

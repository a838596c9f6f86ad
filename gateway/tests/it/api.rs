//! The REST side of the gateway, with single rpcs behind it.

mod api_keys;
mod document;
mod fhir;
pub(crate) mod fixture;
mod flood;
mod headers;
mod idempotency;
mod invitations;
mod limits;
mod operations;
mod problems;
mod refusals;
mod revocations;
mod sessions;
mod throttle;
mod tokens;
mod values;

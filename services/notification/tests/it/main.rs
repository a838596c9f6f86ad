//! The service as its callers see it, with the sandbox in Twilio's place.

mod callbacks;
mod confirmations;
mod direct;
mod edge;
mod isolation;
mod list;
mod refusals;
mod retry;
mod stage;
mod twilio;
mod unknown;
mod upstreams;

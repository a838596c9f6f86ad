//! The gateway over HTTP, with stand-ins for the services behind it.

mod api;
mod edge;
mod fake;
mod handshake;
mod socket;
mod stream;
mod twilio;
mod vapi;
mod wire;

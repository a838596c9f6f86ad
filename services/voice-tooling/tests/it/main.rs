//! The service as its callers see it, with the sandbox in Vapi's place.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its shared parts too"
)]

mod adopt;
mod book;
mod calls;
mod drift;
mod isolation;
mod refusals;
mod runs;
mod save;
mod shutdown;
mod stage;
mod sync;
mod upstream;

//! The service as its callers see it, with the sandbox in Vapi's place.

mod calls;
mod isolation;
mod refusals;
mod runs;
mod save;
mod stage;
mod sync;
mod upstream;

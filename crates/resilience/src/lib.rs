//! How one process calls another, and other companies, without being dragged down by them.
//!
//! [`grpc_channel`] makes the only kind of gRPC connection the fleet uses: it carries the trace
//! and stands behind a circuit breaker. [`http`] does the same for
//! HTTP. [`Breakers`] keeps one breaker per key for calls that are no tower service, and
//! [`Backoff`] spaces the attempts of work that survives a restart.

mod backoff;
mod breaker;
mod breakers;
mod channel;
pub mod http;
mod retry;

pub use backoff::Backoff;
pub use breaker::{Guarded, guard};
pub use breakers::{Breakers, Open, Permit, Tolerance};
pub use channel::{Client, grpc_channel};
pub use retry::retry_idempotent;

//! The whole fleet as real processes on real Postgres and Redis, for tests that go in by HTTP.

#![expect(
    clippy::print_stderr,
    reason = "a failed test shows what the processes said"
)]

mod clinic;
mod fleet;
mod process;
mod redis;
mod socket;

pub use clinic::Clinic;
pub use fleet::{Fleet, KEY, SERVICES, VAPI_SECRET, binary};
pub use socket::Socket;

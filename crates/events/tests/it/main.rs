//! The event log on real Postgres and Redis.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod consume;
mod number;

//! The event log on real Postgres and Redis.

mod consume;
mod number;

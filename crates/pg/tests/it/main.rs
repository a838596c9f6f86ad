//! What the schema and the door to it must hold, on real Postgres.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod abandon;
mod afterwards;
mod audit;
mod far;
mod migrate;
mod pool;
mod scope;

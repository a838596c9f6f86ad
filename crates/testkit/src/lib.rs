//! What tests of the fleet share: a fresh database each, two organisations, and a running service.
//!
//! `cargo xtask test` provides Postgres and Redis and says where they are in
//! `VOXANNE_TEST_DATABASE_URL` (a superuser's) and `VOXANNE_TEST_REDIS_URL`.

mod database;
mod lifetime;
mod orgs;
mod service;
mod wait;

pub use database::Database;
pub use orgs::{keys, staff, two_orgs};
pub use service::{Running, free_addr, start};
pub use wait::{eventually, eventually_within};

/// The port of a pooler that services reach Postgres through, where the runner started one.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are configured by their runner"
)]
fn pooler_port() -> Option<u16> {
    let port = std::env::var("VOXANNE_TEST_POOLER_PORT").ok()?;
    Some(port.parse().expect("the runner gives a port"))
}

/// The Redis that tests share; names are random, so tests do not meet.
pub fn redis_url() -> secrecy::SecretString {
    from_env("VOXANNE_TEST_REDIS_URL").into()
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are configured by their runner"
)]
fn from_env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test`"))
}

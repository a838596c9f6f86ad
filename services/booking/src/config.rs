//! What the process is told by its environment.

mod google;

use std::{net::SocketAddr, time::Duration};

use secrecy::SecretString;
use voxanne_runtime::{Env, Invalid};
use voxanne_tenant::Keys;

pub use self::google::GoogleConfig;

/// The configuration of one booking process.
#[derive(Debug)]
pub struct Config {
    /// Where Postgres is, with the role `svc_booking`.
    pub database_url: SecretString,
    /// Where Redis is; without it events are seen a little later.
    pub redis_url: Option<SecretString>,
    pub grpc_addr: SocketAddr,
    /// Verify the context of calls and sign slot ids.
    pub context_keys: Keys,
    /// Connections to Postgres; 10 unless said otherwise.
    pub pool_size: u32,
    /// How long a slot is held; five minutes unless said otherwise.
    pub hold_ttl: Duration,
    /// Our application at Google; without one no calendar can be connected.
    pub google: Option<GoogleConfig>,
    /// How long an offer of the waitlist stands; a quarter of an hour unless said otherwise.
    pub offer_ttl: Duration,
}

/// Longer than this, a slot is blocked rather than held.
const LONGEST_HOLD: u64 = 3_600;
const LONGEST_OFFER: u64 = 24 * 3_600;

impl Config {
    pub fn from_env(env: &Env) -> Result<Self, Invalid> {
        let mut read = env.reader();
        let database_url = read.required::<String>("DATABASE_URL");
        let redis_url = read.optional::<String>("REDIS_URL");
        let grpc_addr = read.required("GRPC_ADDR");
        let context_keys = read.required("INTERNAL_CONTEXT_KEYS");
        let pool_size = read.or("DATABASE_POOL_SIZE", 10);
        let hold_seconds = read.or("HOLD_TTL", 300_u64);
        let google = google::read(&mut read);
        let offer_seconds = read.or("WAITLIST_OFFER_TTL", 900_u64);
        read.finish(|| {
            Some(Self {
                database_url: database_url?.into(),
                redis_url: redis_url?.map(SecretString::from),
                grpc_addr: grpc_addr?,
                context_keys: context_keys?,
                pool_size: pool_size?,
                hold_ttl: Duration::from_secs(hold_seconds?.clamp(1, LONGEST_HOLD)),
                google: google?,
                offer_ttl: Duration::from_secs(offer_seconds?.clamp(1, LONGEST_OFFER)),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_variable_is_named() {
        let invalid = Config::from_env(&Env::from_pairs::<&str>([])).unwrap_err();
        assert_eq!(
            invalid.names().collect::<Vec<_>>(),
            ["DATABASE_URL", "GRPC_ADDR", "INTERNAL_CONTEXT_KEYS"]
        );
    }

    #[test]
    fn the_readme_names_every_variable() {
        let env = Env::from_pairs::<&str>([]);
        Config::from_env(&env).expect_err("nothing is set");
        for line in env.variables().lines() {
            let name = line
                .split_whitespace()
                .next()
                .expect("a line names a variable");
            assert!(
                include_str!("../README.md").contains(&format!("| `{name}` |")),
                "{name}"
            );
        }
    }
}

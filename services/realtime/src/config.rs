//! What the process reads from its environment.

use std::{net::SocketAddr, time::Duration};

use secrecy::SecretString;
use voxanne_runtime::{Env, Invalid};
use voxanne_tenant::Keys;

/// The settings of one realtime process.
#[derive(Clone, Debug)]
pub struct Config {
    /// `DATABASE_URL`: Postgres under the role `svc_realtime`.
    pub database_url: SecretString,
    /// `DATABASE_POOL_SIZE`: connections to Postgres; 10 by default.
    pub pool_size: u32,
    /// `REDIS_URL`: where the doorbell rings; without it only the poll finds news.
    pub redis_url: Option<SecretString>,
    /// `GRPC_ADDR`.
    pub grpc_addr: SocketAddr,
    /// `INTERNAL_CONTEXT_KEYS`: verify who calls.
    pub keys: Keys,
    /// `EVENTS_POLL_MS`: how often the heads of logs with listeners are looked at; 250 by default.
    pub poll: Duration,
}

impl Config {
    pub fn from_env(env: &Env) -> Result<Self, Invalid> {
        let mut read = env.reader();
        let database_url = read.required::<String>("DATABASE_URL");
        let pool_size = read.or("DATABASE_POOL_SIZE", 10);
        let redis_url = read.optional::<String>("REDIS_URL");
        let grpc_addr = read.required("GRPC_ADDR");
        let keys = read.required("INTERNAL_CONTEXT_KEYS");
        let poll = read.or("EVENTS_POLL_MS", 250_u64);
        if poll == Some(0) {
            read.refuse("EVENTS_POLL_MS", "must be at least 1");
        }
        read.finish(|| {
            Some(Self {
                database_url: database_url?.into(),
                pool_size: pool_size?,
                redis_url: redis_url?.map(SecretString::from),
                grpc_addr: grpc_addr?,
                keys: keys?,
                poll: Duration::from_millis(poll?),
            })
        })
    }
}

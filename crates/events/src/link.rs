//! The connection to Redis, made when first used and made again for as long as the process lives.

use std::time::Duration;

use redis::{
    Client, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::{ExposeSecret as _, SecretString};

const PATIENCE: Duration = Duration::from_millis(500);

/// A Redis that may be away.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    connection: ConnectionManager,
}

impl Redis {
    /// Prepares a connection; Redis itself need not be there yet.
    ///
    /// # Errors
    /// `url` is no Redis URL.
    pub fn connect_lazy(url: &SecretString) -> RedisResult<Self> {
        let client = Client::open(url.expose_secret())?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_max_delay(PATIENCE)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), config)?;
        Ok(Self { client, connection })
    }

    /// A client that makes connections of its own, for subscriptions.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The shared connection for commands.
    pub fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }

    /// Whether Redis answers.
    pub async fn is_up(&self) -> bool {
        let mut connection = self.connection.clone();
        redis::cmd("PING")
            .query_async::<()>(&mut connection)
            .await
            .is_ok()
    }
}

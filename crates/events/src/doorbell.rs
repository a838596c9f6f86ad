//! "There is something new": a hint over Redis, which may be lost without loss.

use std::time::Duration;

use futures_util::StreamExt as _;
use redis::{
    AsyncCommands as _, Client,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::sync::{broadcast, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use voxanne_ids::OrgId;

const CHANNEL: &str = "voxanne:events";
/// Rings waiting to be sent; a full queue drops rings, and the reader's poll makes up for it.
const WAITING: usize = 1024;
/// A Redis that hangs must not hold rings back for long.
const PATIENCE: Duration = Duration::from_millis(250);

/// Rings after a commit. Without Redis it stays silent.
#[derive(Clone, Debug)]
pub struct Doorbell(Option<mpsc::Sender<OrgId>>);

impl Doorbell {
    /// A doorbell that never rings.
    pub const fn silent() -> Self {
        Self(None)
    }

    /// Rings through `redis` from a task that ends with `shutdown`.
    pub fn new(redis: ConnectionManager, tasks: &TaskTracker, shutdown: CancellationToken) -> Self {
        let (sender, mut rings) = mpsc::channel(WAITING);
        tasks.spawn(async move {
            while let Some(Some(org)) = shutdown.run_until_cancelled(rings.recv()).await {
                publish(&redis, org).await;
            }
        });
        Self(Some(sender))
    }

    /// Rings through the Redis at `url`, which may be away: it is connected to when it is first
    /// needed, and again after a loss.
    pub fn connect(
        url: &str,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> redis::RedisResult<Self> {
        let config = ConnectionManagerConfig::new().set_connection_timeout(Some(PATIENCE));
        let redis = ConnectionManager::new_lazy_with_config(Client::open(url)?, config)?;
        Ok(Self::new(redis, tasks, shutdown))
    }

    /// Says that `org` has a new event; never waits.
    pub fn ring(&self, org: OrgId) {
        if let Some(sender) = &self.0
            && sender.try_send(org).is_err()
        {
            tracing::debug!("doorbell dropped a ring");
        }
    }
}

async fn publish(redis: &ConnectionManager, org: OrgId) {
    let mut redis = redis.clone();
    let call = redis.publish::<_, _, ()>(CHANNEL, org.to_string());
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "doorbell not rung"),
        Err(_) => tracing::debug!("doorbell timed out"),
    }
}

/// Hears the rings of every service.
#[derive(Clone, Debug)]
pub struct Rings(broadcast::Sender<OrgId>);

impl Rings {
    /// Rings that never come, for a fleet without Redis.
    pub fn none() -> Self {
        Self(broadcast::Sender::new(1))
    }

    /// Subscribes through `client` from a task that ends with `shutdown`; a lost connection is
    /// made again for as long as the process lives.
    pub fn listen(client: Client, tasks: &TaskTracker, shutdown: CancellationToken) -> Self {
        let heard = broadcast::Sender::new(WAITING);
        let sender = heard.clone();
        tasks.spawn(async move {
            while !shutdown.is_cancelled() {
                let hearing = hear(&client, &sender);
                if let Some(Err(error)) = shutdown.run_until_cancelled(hearing).await {
                    tracing::debug!(%error, "doorbell not heard");
                }
                shutdown
                    .run_until_cancelled(tokio::time::sleep(PATIENCE))
                    .await;
            }
        });
        Self(heard)
    }

    /// Organisations that rang from this moment on. A receiver that lags has missed hints only.
    pub fn subscribe(&self) -> broadcast::Receiver<OrgId> {
        self.0.subscribe()
    }
}

async fn hear(client: &Client, heard: &broadcast::Sender<OrgId>) -> redis::RedisResult<()> {
    let mut subscription = client.get_async_pubsub().await?;
    subscription.subscribe(CHANNEL).await?;
    let mut messages = subscription.on_message();
    while let Some(message) = messages.next().await {
        let org = message
            .get_payload::<String>()
            .ok()
            .and_then(|text| text.parse().ok());
        // Nobody listening is as good as nothing said.
        if let Some(org) = org
            && heard.send(org).is_err()
        {
            tracing::trace!("nobody listens for events");
        }
    }
    Ok(())
}

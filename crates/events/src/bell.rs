//! "Look now", without saying at what: a hint over Redis, which may be lost without loss.
//!
//! [`Bell`] rings a channel and [`Ear`] listens to it. Every ear also sends an echo through the
//! channel twice a second: an ear that hears nothing knows that it is deaf.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use futures_util::StreamExt as _;
use redis::{AsyncCommands as _, aio::ConnectionManager};
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::Redis;

const RING: &str = "ring";
const ECHO: &str = "echo";
/// A Redis that hangs must not hold rings back for long.
const PATIENCE: Duration = Duration::from_millis(500);
const ECHO_EVERY: Duration = Duration::from_millis(500);
/// An ear that has heard nothing for so long is deaf. Four echoes in a row were lost by then.
const SILENCE: Duration = Duration::from_secs(2);

/// Rings after a commit. Without Redis it stays silent.
#[derive(Clone, Debug)]
pub struct Bell(Option<Arc<Notify>>);

impl Bell {
    /// A bell that never rings.
    pub const fn silent() -> Self {
        Self(None)
    }

    /// Rings `channel` from a task that ends with `shutdown`.
    pub fn new(
        redis: &Redis,
        channel: &'static str,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> Self {
        let pulled = Arc::new(Notify::new());
        let (pull, redis) = (pulled.clone(), redis.connection());
        tasks.spawn(async move {
            // Pulled several times while one ring is under way, it rings once more.
            while let Some(()) = shutdown.run_until_cancelled(pull.notified()).await {
                publish(&redis, channel, RING).await;
            }
        });
        Self(Some(pulled))
    }

    /// Says that there is something new; never waits.
    pub fn ring(&self) {
        if let Some(pulled) = &self.0 {
            pulled.notify_one();
        }
    }
}

async fn publish(redis: &ConnectionManager, channel: &str, word: &str) {
    let mut redis = redis.clone();
    match timeout(PATIENCE, redis.publish::<_, _, ()>(channel, word)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, channel, "bell not rung"),
        Err(_) => tracing::debug!(channel, "bell timed out"),
    }
}

/// Hears a bell.
#[derive(Clone, Debug)]
pub struct Ear {
    rung: watch::Sender<u64>,
    /// Since when nothing could be missed.
    hearing: Arc<RwLock<Option<Instant>>>,
}

impl Ear {
    /// An ear that hears nothing, for a fleet without Redis.
    pub fn deaf() -> Self {
        Self {
            rung: watch::Sender::new(0),
            hearing: Arc::default(),
        }
    }

    /// Listens to `channel` from tasks that end with `shutdown`; a lost connection is made again
    /// for as long as the process lives.
    pub fn listen(
        redis: &Redis,
        channel: &'static str,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> Self {
        let ear = Self::deaf();
        let (connection, stop) = (redis.connection(), shutdown.clone());
        tasks.spawn(async move {
            while !stop.is_cancelled() {
                publish(&connection, channel, ECHO).await;
                stop.run_until_cancelled(sleep(ECHO_EVERY)).await;
            }
        });
        let (hearing, redis) = (ear.clone(), redis.clone());
        tasks.spawn(async move {
            while !shutdown.is_cancelled() {
                let heard = hearing.hear(&redis, channel);
                let ended = shutdown.run_until_cancelled(heard).await;
                hearing.hears_since(None);
                if let Some(Err(error)) = ended {
                    tracing::debug!(%error, channel, "bell not heard");
                }
                shutdown.run_until_cancelled(sleep(PATIENCE)).await;
            }
        });
        ear
    }

    /// Since when every ring comes here, as far as this process can know: a ring that was lost is
    /// noticed within two seconds.
    pub fn hearing_since(&self) -> Option<Instant> {
        *self.hearing.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes with every ring, and whenever hearing begins: something may have been missed before.
    pub fn rings(&self) -> watch::Receiver<u64> {
        self.rung.subscribe()
    }

    fn hears_since(&self, since: Option<Instant>) {
        *self.hearing.write().unwrap_or_else(PoisonError::into_inner) = since;
    }

    async fn hear(&self, redis: &Redis, channel: &str) -> redis::RedisResult<()> {
        let client = redis.client();
        let Ok(connected) = timeout(PATIENCE, client.get_async_pubsub()).await else {
            return Ok(());
        };
        let mut subscription = connected?;
        let Ok(subscribed) = timeout(PATIENCE, subscription.subscribe(channel)).await else {
            return Ok(());
        };
        subscribed?;
        let subscribed_at = Instant::now();
        let mut messages = subscription.on_message();
        while let Ok(Some(message)) = timeout(SILENCE, messages.next()).await {
            let begins = self.hearing_since().is_none();
            if begins {
                self.hears_since(Some(subscribed_at));
            }
            if begins || message.get_payload_bytes() == RING.as_bytes() {
                self.rung.send_modify(|count| *count += 1);
            }
        }
        Ok(())
    }
}

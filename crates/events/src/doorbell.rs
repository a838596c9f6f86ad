//! "There is something new": a hint over Redis, which may be lost without loss.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt as _;
use redis::{
    AsyncCommands as _, Client,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::sync::{
    broadcast,
    broadcast::error::{RecvError, TryRecvError},
    mpsc,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use voxanne_ids::OrgId;

const CHANNEL: &str = "voxanne:events";
/// Rings waiting to be sent; a full queue drops rings, and the reader's poll makes up for it.
const WAITING: usize = 1024;
/// A Redis that hangs must not hold rings back for long.
const PATIENCE: Duration = Duration::from_millis(250);

/// Rings after a commit. Without Redis it stays silent.
#[derive(Clone, Debug)]
pub struct Doorbell(Option<mpsc::Sender<Ring>>);

impl Doorbell {
    /// A doorbell that never rings.
    pub const fn silent() -> Self {
        Self(None)
    }

    /// Rings through `redis` from a task that ends with `shutdown`.
    pub fn new(redis: ConnectionManager, tasks: &TaskTracker, shutdown: CancellationToken) -> Self {
        let (sender, mut rings) = mpsc::channel(WAITING);
        tasks.spawn(async move {
            while let Some(Some(ring)) = shutdown.run_until_cancelled(rings.recv()).await {
                publish(&redis, ring).await;
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

    /// Says that `org` has new events of these kinds; never waits.
    pub(crate) fn ring(&self, org: OrgId, kinds: &[&str]) {
        let Some(sender) = &self.0 else { return };
        let ring = Ring {
            org,
            kinds: kinds.join(" ").into(),
        };
        if sender.try_send(ring).is_err() {
            tracing::debug!("doorbell dropped a ring");
        }
    }
}

async fn publish(redis: &ConnectionManager, Ring { org, kinds }: Ring) {
    let mut redis = redis.clone();
    let call = redis.publish::<_, _, ()>(CHANNEL, format!("{org} {kinds}"));
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "doorbell not rung"),
        Err(_) => tracing::debug!("doorbell timed out"),
    }
}

/// An organisation with something new, and of which kinds, separated by blanks.
#[derive(Clone, Debug)]
struct Ring {
    org: OrgId,
    kinds: Arc<str>,
}

/// Hears the rings of every service.
#[derive(Clone, Debug)]
pub struct Rings {
    heard: broadcast::Sender<Ring>,
    listening: Arc<AtomicBool>,
}

impl Rings {
    /// Rings that never come, for a fleet without Redis.
    pub fn none() -> Self {
        Self {
            heard: broadcast::Sender::new(1),
            listening: Arc::default(),
        }
    }

    /// Subscribes through `client` from a task that ends with `shutdown`; a lost connection is
    /// made again for as long as the process lives.
    pub fn listen(client: Client, tasks: &TaskTracker, shutdown: CancellationToken) -> Self {
        let rings = Self {
            heard: broadcast::Sender::new(WAITING),
            listening: Arc::default(),
        };
        let hearing = rings.clone();
        tasks.spawn(async move {
            while !shutdown.is_cancelled() {
                let ended = shutdown.run_until_cancelled(hearing.hear(&client)).await;
                hearing.listening.store(false, Ordering::Relaxed);
                if let Some(Err(error)) = ended {
                    tracing::debug!(%error, "doorbell not heard");
                }
                shutdown
                    .run_until_cancelled(tokio::time::sleep(PATIENCE))
                    .await;
            }
        });
        rings
    }

    /// Organisations that rang from this moment on. A receiver that lags has missed hints only.
    pub fn subscribe(&self) -> Heard {
        Heard {
            rings: self.heard.subscribe(),
            kinds: None,
        }
    }

    /// Organisations that rang about one of these kinds of events.
    pub fn subscribe_to(&self, kinds: &'static [&'static str]) -> Heard {
        Heard {
            rings: self.heard.subscribe(),
            kinds: Some(kinds),
        }
    }

    /// Whether rings come at all, as far as this process can know.
    pub fn are_heard(&self) -> bool {
        self.listening.load(Ordering::Relaxed)
    }

    async fn hear(&self, client: &Client) -> redis::RedisResult<()> {
        let mut subscription = client.get_async_pubsub().await?;
        subscription.subscribe(CHANNEL).await?;
        self.listening.store(true, Ordering::Relaxed);
        let mut messages = subscription.on_message();
        while let Some(message) = messages.next().await {
            let text = message.get_payload::<String>().unwrap_or_default();
            let (org, kinds) = text.split_once(' ').unwrap_or((&text, ""));
            let ring = org.parse().map(|org| Ring {
                org,
                kinds: kinds.into(),
            });
            // Nobody listening is as good as nothing said.
            if let Ok(ring) = ring
                && self.heard.send(ring).is_err()
            {
                tracing::trace!("nobody listens for events");
            }
        }
        Ok(())
    }
}

/// Rings as one listener hears them.
#[derive(Debug)]
pub struct Heard {
    rings: broadcast::Receiver<Ring>,
    kinds: Option<&'static [&'static str]>,
}

impl Heard {
    /// The next organisation that rang. Dropping the future loses no ring that matters.
    pub async fn recv(&mut self) -> Result<OrgId, RecvError> {
        loop {
            let ring = self.rings.recv().await?;
            if self.matters(&ring) {
                return Ok(ring.org);
            }
        }
    }

    /// The organisations that have rung by now, without waiting; one look at each answers all its
    /// rings. `None` when some rings were missed.
    pub fn drain(&mut self) -> Option<BTreeSet<OrgId>> {
        let mut rang = BTreeSet::new();
        loop {
            match self.rings.try_recv() {
                Ok(ring) if self.matters(&ring) => {
                    rang.insert(ring.org);
                }
                Ok(_) => {}
                Err(TryRecvError::Lagged(_)) => return None,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Some(rang),
            }
        }
    }

    fn matters(&self, ring: &Ring) -> bool {
        let wanted = |kind: &str| self.kinds.is_none_or(|kinds| kinds.contains(&kind));
        ring.kinds.split(' ').any(wanted)
    }
}

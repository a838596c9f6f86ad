//! What a service is handed to live in.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;
use voxanne_clock::Clock;

use crate::Readiness;

/// One process of the fleet: its end, its background work and what it depends on.
#[derive(Clone, Debug)]
pub struct Process {
    pub service: &'static str,
    /// Cancelled at the first stop signal; every loop ends with it.
    pub shutdown: CancellationToken,
    /// Every task, so that the end of the process waits for it.
    pub tasks: TaskTracker,
    pub readiness: Readiness,
    pub clock: Clock,
    failed: Arc<AtomicBool>,
}

impl Process {
    /// A process that nothing has been asked of; [`run`](crate::run) makes one, and so do tests.
    pub fn new(service: &'static str) -> Self {
        Self {
            service,
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            readiness: Readiness::default(),
            clock: Clock::system(),
            failed: Arc::default(),
        }
    }

    /// The same process under another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Runs a loop that lasts as long as the process. One that ends early, by a panic too, ends the
    /// process: a supervisor restarts it whole instead of leaving it half alive.
    pub fn spawn(&self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let (process, span) = (self.clone(), tracing::info_span!("task", name));
        let guard = self.tasks.clone();
        guard.spawn(async move {
            let ended = process.tasks.spawn(work.instrument(span)).await;
            if !process.shutdown.is_cancelled() {
                tracing::error!(
                    task = name,
                    panicked = ended.is_err(),
                    "background work ended"
                );
                process.failed.store(true, Ordering::Relaxed);
                process.shutdown.cancel();
            }
        });
    }

    /// Listens on `addr`; port 0 takes any free one. The process is ready when it serves, not yet
    /// when it listens.
    pub async fn bind(&self, what: &'static str, addr: SocketAddr) -> anyhow::Result<TcpListener> {
        let listener = TcpListener::bind(addr)
            .await
            .with_context(|| format!("cannot listen on {addr} for {what}"))?;
        tracing::info!(service = self.service, what, addr = %listener.local_addr()?, "listening");
        Ok(listener)
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }
}

//! Which organisations have listeners, and the one feed of each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use voxanne_clock::Clock;
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_runtime::Process;
use voxanne_tenant::Tenant;

use crate::{
    feed::{Feed, Listener},
    log::{EVENTS_GONE, Log},
};

/// Every feed of the process.
#[derive(Clone, Debug)]
pub(crate) struct Feeds(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: Mutex<HashMap<OrgId, Arc<Feed>>>,
    log: Log,
    clock: Clock,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Feeds {
    pub(crate) fn new(process: &Process, log: Log) -> Self {
        Self(Arc::new(Inner {
            open: Mutex::default(),
            log,
            clock: process.clock.clone(),
            tasks: process.tasks.clone(),
            shutdown: process.shutdown.clone(),
        }))
    }

    /// Listens to `org`, whose newest event was `newest` a moment ago.
    ///
    /// Events after `newest` are handed out unless they were committed before this call: whoever
    /// reads the log after it has missed nothing.
    pub(crate) fn listen(&self, org: OrgId, newest: i64) -> Listener {
        let mut open = self.open();
        if let Some(feed) = open.get(&org) {
            return feed.listen();
        }
        let feed = Arc::new(Feed::new(org, newest));
        // The listener has to be there before the feed looks whether it has any.
        let listener = feed.listen();
        open.insert(org, Arc::clone(&feed));
        self.0.tasks.spawn(self.clone().run(org, feed));
        listener
    }

    /// Organisations with listeners.
    pub(crate) fn orgs(&self) -> Vec<OrgId> {
        self.open().keys().copied().collect()
    }

    /// Says that `org` has news.
    pub(crate) fn ring(&self, org: OrgId) {
        if let Some(feed) = self.open().get(&org) {
            feed.wake();
        }
    }

    /// Says that any organisation may have news.
    pub(crate) fn ring_all(&self) {
        for feed in self.open().values() {
            feed.wake();
        }
    }

    /// Says how far logs reach.
    pub(crate) fn note_heads(&self, heads: &[(OrgId, i64)]) {
        let open = self.open();
        for (org, newest) in heads {
            if let Some(feed) = open.get(org) {
                feed.wake_if_behind(*newest);
            }
        }
    }

    async fn run(self, org: OrgId, feed: Arc<Feed>) {
        let shutdown = &self.0.shutdown;
        while let Some(()) = shutdown.run_until_cancelled(feed.woken()).await {
            if self.close_unused(org, &feed) {
                return;
            }
            if let Err(problem) = self.hand_out(org, &feed).await {
                problem.log();
                tracing::warn!(org.id = %org, %problem, "a feed waits");
            }
        }
    }

    async fn hand_out(&self, org: OrgId, feed: &Feed) -> Result<(), Problem> {
        let handed_out = feed.hand_out(&self.0.log, &self.0.clock).await;
        match handed_out {
            Err(problem) if problem.reason == EVENTS_GONE => {
                let tenant = Tenant::for_job(org, "feed");
                feed.skip_to(self.0.log.extent(&tenant).await?.newest);
                Ok(())
            }
            other => other,
        }
    }

    /// Closes a feed nobody listens to. The lock is the one [`Feeds::listen`] takes, so nobody
    /// begins to listen to a feed that ends.
    fn close_unused(&self, org: OrgId, feed: &Feed) -> bool {
        let mut open = self.open();
        if feed.has_listeners() {
            return false;
        }
        open.remove(&org);
        true
    }

    fn open(&self) -> MutexGuard<'_, HashMap<OrgId, Arc<Feed>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

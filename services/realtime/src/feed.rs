//! One organisation's new events, read once for all its listeners.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use tokio::sync::{
    Notify,
    broadcast::{self, error::RecvError},
};
use voxanne_clock::Clock;
use voxanne_events::Event;
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_telemetry::names;
use voxanne_tenant::Tenant;

use crate::log::{Log, PAGE};

/// Pages waiting for the slowest listener; one that falls behind further reads the log itself.
const WAITING: usize = 64;

/// Events that follow one another, shared by every listener.
pub(crate) type Batch = Arc<[Event]>;

#[derive(Debug)]
pub(crate) struct Feed {
    org: OrgId,
    batches: broadcast::Sender<Batch>,
    wake: Notify,
    /// Number of the last event that was handed out.
    cursor: AtomicI64,
}

impl Feed {
    pub(crate) fn new(org: OrgId, cursor: i64) -> Self {
        Self {
            org,
            batches: broadcast::Sender::new(WAITING),
            wake: Notify::new(),
            cursor: AtomicI64::new(cursor),
        }
    }

    /// Everything that is handed out from here on.
    pub(crate) fn listen(self: &Arc<Self>) -> Listener {
        Listener {
            batches: self.batches.subscribe(),
            _leaving: Leaving(Arc::clone(self)),
        }
    }

    pub(crate) fn has_listeners(&self) -> bool {
        self.batches.receiver_count() > 0
    }

    /// Has the log looked at, soon.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Has the log looked at when it reaches further than what was handed out.
    pub(crate) fn wake_if_behind(&self, newest: i64) {
        if newest > self.cursor.load(Ordering::Relaxed) {
            self.wake();
        }
    }

    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Hands out everything the log has after the cursor.
    pub(crate) async fn hand_out(&self, log: &Log, clock: &Clock) -> Result<(), Problem> {
        let tenant = Tenant::for_job(self.org, "feed");
        loop {
            let after = self.cursor.load(Ordering::Relaxed);
            let page = log.page(&tenant, after, PAGE).await?;
            let Some(last) = page.events.last() else {
                return Ok(());
            };
            let newest = last.seq;
            measure(&page.events, clock);
            // Without a listener nobody misses the batch, and the feed is about to end.
            drop(self.batches.send(page.events.into()));
            self.cursor.store(newest, Ordering::Relaxed);
            if newest >= page.newest {
                return Ok(());
            }
        }
    }

    /// Goes on behind events that are no longer kept; listeners notice the gap themselves.
    pub(crate) fn skip_to(&self, newest: i64) {
        self.cursor.store(newest, Ordering::Relaxed);
    }
}

fn measure(events: &[Event], clock: &Clock) {
    let now = clock.now();
    for event in events {
        let lag = now.duration_since(event.at).as_secs_f64().max(0.0);
        metrics::histogram!(names::EVENT_LAG_SECONDS, "consumer" => "realtime").record(lag);
    }
}

/// One listener of a feed.
///
/// The fields are dropped in this order: the feed looks for listeners only after this one is gone.
#[derive(Debug)]
pub(crate) struct Listener {
    batches: broadcast::Receiver<Batch>,
    _leaving: Leaving,
}

impl Listener {
    /// The next batch; an error says that batches were missed.
    pub(crate) async fn next(&mut self) -> Result<Batch, RecvError> {
        self.batches.recv().await
    }
}

#[derive(Debug)]
struct Leaving(Arc<Feed>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.wake();
    }
}

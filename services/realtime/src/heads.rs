//! Noticing news: at once when the doorbell rings, else by one look at the heads of all logs.

use std::time::Duration;

use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, MissedTickBehavior, interval_at},
};
use tokio_util::sync::CancellationToken;
use voxanne_events::Rings;

use crate::{feeds::Feeds, log::Log};

/// Wakes feeds until `shutdown`.
pub(crate) async fn watch(
    feeds: Feeds,
    log: Log,
    rings: Rings,
    poll: Duration,
    shutdown: CancellationToken,
) {
    let mut heard = rings.subscribe();
    let mut ticks = interval_at(Instant::now() + poll, poll);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut answered = true;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            ring = heard.recv() => match ring {
                Ok(org) => feeds.ring(org),
                Err(RecvError::Lagged(_)) => feeds.ring_all(),
                // `rings` is held here, so the sender lives as long as this loop.
                Err(RecvError::Closed) => return,
            },
            _ = ticks.tick() => answered = look(&feeds, &log, answered).await,
        }
    }
}

/// Looks at every log with listeners; `true` when Postgres answered.
async fn look(feeds: &Feeds, log: &Log, answered_before: bool) -> bool {
    let orgs = feeds.orgs();
    if orgs.is_empty() {
        return answered_before;
    }
    match log.heads(&orgs).await {
        Ok(heads) => {
            feeds.note_heads(&heads);
            true
        }
        Err(problem) => {
            if answered_before {
                problem.log();
                tracing::warn!(%problem, "the heads of logs cannot be read");
            }
            false
        }
    }
}

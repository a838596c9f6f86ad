//! One subscriber's stream: what it missed, then what is new, without a gap.

use tokio::sync::{broadcast::error::RecvError, mpsc};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use voxanne_events::Event;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::realtime::v1::SubscribeResponse;
use voxanne_tenant::Tenant;

use crate::{
    feed::Listener,
    log::{Log, PAGE},
    wire,
};

/// Pages on their way to one subscriber.
pub(crate) const WAITING: usize = 4;

/// What a subscriber's stream is made of.
pub(crate) struct Subscription {
    pub(crate) tenant: Tenant,
    pub(crate) log: Log,
    pub(crate) listener: Listener,
    /// Number of the last event that was sent.
    pub(crate) last: i64,
    pub(crate) line: Line,
}

/// The way to the subscriber.
pub(crate) struct Line {
    pub(crate) out: mpsc::Sender<Result<SubscribeResponse, Status>>,
    pub(crate) shutdown: CancellationToken,
}

/// Why a stream ends.
enum End {
    Left,
    Stopping,
    Failed(Problem),
}

impl Subscription {
    /// Sends until the subscriber leaves, the process stops or the log cannot be followed.
    pub(crate) async fn run(mut self) {
        let problem = match self.deliver().await {
            End::Left => return,
            End::Stopping => stopping(),
            End::Failed(problem) => problem,
        };
        // A subscriber whose queue is full learns of the end by the end itself.
        if self.line.out.try_send(Err(wire::status(problem))).is_err() {
            tracing::debug!("a stream ended without a word");
        }
    }

    async fn deliver(&mut self) -> End {
        loop {
            if let Err(end) = self.catch_up().await {
                return end;
            }
            if let Err(end) = self.follow().await {
                return end;
            }
        }
    }

    /// Sends what the log has after the last event sent.
    async fn catch_up(&mut self) -> Result<(), End> {
        loop {
            // Not raced against the end: a database future is finished once begun.
            let page = self
                .log
                .page(&self.tenant, self.last, PAGE)
                .await
                .map_err(End::Failed)?;
            if !page.events.is_empty() {
                self.send(&page.events).await?;
            }
            if self.last >= page.newest {
                return Ok(());
            }
        }
    }

    /// Sends what is new until something is missing between it and the last event sent.
    async fn follow(&mut self) -> Result<(), End> {
        loop {
            let batch = match self.line.attend(self.listener.next()).await? {
                Ok(batch) => batch,
                Err(RecvError::Lagged(_)) => return Ok(()),
                Err(RecvError::Closed) => return Err(End::Stopping),
            };
            let known = batch.partition_point(|event| event.seq <= self.last);
            let Some(first) = batch.get(known) else {
                continue;
            };
            if first.seq != self.last + 1 {
                return Ok(());
            }
            self.send(&batch[known..]).await?;
        }
    }

    async fn send(&mut self, events: &[Event]) -> Result<(), End> {
        let message = SubscribeResponse {
            events: events.iter().map(wire::event).collect(),
        };
        let sent = self.line.attend(self.line.out.send(Ok(message))).await?;
        sent.map_err(|_| End::Left)?;
        self.last = events.last().map_or(self.last, |event| event.seq);
        Ok(())
    }
}

impl Line {
    /// Waits for `work` as long as there is somebody to do it for.
    async fn attend<T>(&self, work: impl Future<Output = T>) -> Result<T, End> {
        tokio::select! {
            biased;
            () = self.shutdown.cancelled() => Err(End::Stopping),
            () = self.out.closed() => Err(End::Left),
            done = work => Ok(done),
        }
    }
}

fn stopping() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "RESTARTING",
        "this process is about to end, subscribe again",
    )
}

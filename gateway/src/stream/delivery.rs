//! What one socket is sent: a welcome, what it missed, then what is new, each event once.

use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use jiff::Timestamp;
use tokio::{
    sync::{broadcast::error::RecvError, mpsc, oneshot},
    time::timeout,
};
use voxanne_tenant::Tenant;

use super::{
    end::End,
    frames::{self, Frame},
    room::{Member, News},
    rooms::Rooms,
};

/// How long events wait for a client that wants to resume to say so.
const HOLD: Duration = Duration::from_millis(400);
/// How long a full queue may stay full.
const PATIENCE: Duration = Duration::from_secs(2);

/// Something to write.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// A text; when it is a live event, also when that happened.
    Text(Utf8Bytes, Option<Timestamp>),
    Ping,
}

pub(super) struct Delivery {
    pub(super) tenant: Tenant,
    pub(super) rooms: Rooms,
    pub(super) member: Member,
    /// Number of the last event that was sent, or need not be.
    pub(super) last: i64,
    pub(super) queue: mpsc::Sender<Outgoing>,
}

/// A client's one wish to resume.
pub(super) type Resume = oneshot::Receiver<i64>;

impl Delivery {
    /// Delivers until the socket has to end.
    pub(super) async fn run(mut self, resume: Resume) -> End {
        let Err(end) = self.deliver(resume).await;
        end
    }

    async fn deliver(&mut self, mut resume: Resume) -> Result<std::convert::Infallible, End> {
        self.send(frames::welcome(self.last), None).await?;
        let said = timeout(HOLD, &mut resume).await;
        let mut may_resume = said.is_err();
        if let Ok(Ok(after)) = said {
            self.last = after;
            self.catch_up().await?;
        }
        // A room that was open already may have told events before this socket joined it.
        if self.member.last() > self.last {
            self.catch_up().await?;
        }
        loop {
            tokio::select! {
                after = &mut resume, if may_resume => {
                    may_resume = false;
                    if let Ok(after) = after {
                        self.last = after;
                        self.catch_up().await?;
                    }
                }
                news = self.member.next() => self.tell(news).await?,
            }
        }
    }

    async fn tell(&mut self, news: Result<News, RecvError>) -> Result<(), End> {
        match news {
            Ok(News::Event(frame)) if frame.seq <= self.last => Ok(()),
            Ok(News::Event(frame)) if frame.seq == self.last + 1 => {
                self.last = frame.seq;
                self.send(frame.text.clone(), Some(frame.at)).await
            }
            Ok(News::Event(_) | News::Skipped) | Err(RecvError::Lagged(_)) => self.catch_up().await,
            // Rooms close only when they are empty, or with the process.
            Err(RecvError::Closed) => Err(End::Restarting),
        }
    }

    /// Sends what the log has after the last event sent, however long the log is away.
    async fn catch_up(&mut self) -> Result<(), End> {
        let mut attempt = 0;
        loop {
            let page = match self.rooms.replay(&self.tenant, self.last).await {
                Ok(page) => page,
                Err(problem) => {
                    tracing::debug!(reason = %problem.reason, "missed events wait");
                    self.rooms.pause(attempt).await;
                    attempt = attempt.saturating_add(1);
                    continue;
                }
            };
            if page.reload {
                self.last = page.head;
                return self.send(frames::reload(), None).await;
            }
            for event in &page.events {
                let frame = Frame::new(event);
                self.last = frame.seq;
                self.send(frame.text, None).await?;
            }
            if page.events.is_empty() || self.last >= page.head {
                return Ok(());
            }
        }
    }

    async fn send(&self, text: Utf8Bytes, at: Option<Timestamp>) -> Result<(), End> {
        let sending = self.queue.send(Outgoing::Text(text, at));
        match timeout(PATIENCE, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Left),
            Err(_) => Err(End::TooSlow),
        }
    }
}

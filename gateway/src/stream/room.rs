//! One organisation's sockets in this process, fed by one stream.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use tokio::sync::{
    Notify,
    broadcast::{self, error::RecvError},
};

use super::frames::Frame;

/// Events waiting for the slowest socket; one that falls behind further reads the log.
const WAITING: usize = 256;

/// What a room tells its sockets.
#[derive(Clone, Debug)]
pub(super) enum News {
    Event(Arc<Frame>),
    /// Events were left out because the log no longer has them.
    Skipped,
}

#[derive(Debug)]
pub(super) struct Room {
    news: broadcast::Sender<News>,
    /// Number of the last event told.
    last: AtomicI64,
    somebody_left: Notify,
}

impl Room {
    pub(super) fn new(last: i64) -> Self {
        Self {
            news: broadcast::Sender::new(WAITING),
            last: AtomicI64::new(last),
            somebody_left: Notify::new(),
        }
    }

    pub(super) fn join(self: &Arc<Self>) -> Member {
        Member {
            news: self.news.subscribe(),
            leaving: Leaving(self.clone()),
        }
    }

    pub(super) fn last(&self) -> i64 {
        self.last.load(Ordering::Acquire)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.news.receiver_count() == 0
    }

    pub(super) async fn somebody_left(&self) {
        self.somebody_left.notified().await;
    }

    /// Tells `frame`. The number is noted first: whoever joins in between reads the log up to it.
    pub(super) fn tell(&self, frame: Frame) {
        self.last.store(frame.seq, Ordering::Release);
        // An empty room is about to be closed.
        drop(self.news.send(News::Event(Arc::new(frame))));
    }

    /// Goes on after `newest`.
    pub(super) fn skip_to(&self, newest: i64) {
        self.last.store(newest, Ordering::Release);
        drop(self.news.send(News::Skipped));
    }
}

/// A socket's place in its room.
///
/// The fields are dropped in this order: the room looks who is left only after this one is gone.
#[derive(Debug)]
pub(super) struct Member {
    news: broadcast::Receiver<News>,
    leaving: Leaving,
}

impl Member {
    /// The next news; an error says that some were missed.
    pub(super) async fn next(&mut self) -> Result<News, RecvError> {
        self.news.recv().await
    }

    /// Number of the last event the room has told.
    pub(super) fn last(&self) -> i64 {
        self.leaving.0.last()
    }
}

#[derive(Debug)]
struct Leaving(Arc<Room>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.somebody_left.notify_one();
    }
}

//! The life of one socket.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::WebSocket;
use futures_util::{StreamExt as _, stream::SplitStream};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::{sleep, timeout},
};
use voxanne_tenant::Tenant;

use super::{
    delivery::{Delivery, Outgoing},
    end::End,
    inbound,
    seats::Seat,
    writer,
};
use crate::{App, auth::Verified};

/// Frames waiting to be written.
const WAITING: usize = 256;
/// How long the client's side of a goodbye is waited for.
const GOODBYE: Duration = Duration::from_secs(5);
/// Proxies close connections on which nothing moves for a minute.
const PING_EVERY: Duration = Duration::from_secs(25);
const PONG_WITHIN: Duration = Duration::from_secs(10);
/// How late the end of a session may be noticed.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// A client whose token was verified.
pub(super) struct Socket {
    pub(super) app: App,
    pub(super) tenant: Tenant,
    pub(super) verified: Arc<Verified>,
    /// The newest event when the socket was opened.
    pub(super) newest: i64,
    pub(super) _seat: Seat,
}

impl Socket {
    /// Lives until either side ends it, and says why.
    pub(super) async fn live(self, opened: WebSocket) {
        let (sink, mut inbound) = opened.split();
        let (queue, queued) = mpsc::channel(WAITING);
        let (goodbye, told) = oneshot::channel();
        // A task of its own: writing and queueing must not wait for each other's turn.
        let clock = self.app.process.clock.clone();
        let writer = writer::write(sink, queued, told, clock);
        let mut writer = self.app.process.tasks.spawn(writer);
        let end = self.until_end(queue, &mut inbound).await;
        tracing::debug!(?end, "a socket ends");
        drop(goodbye.send(end.close()));
        let parting = async {
            let written = (&mut writer).await;
            // Bytes left unread would make the system drop the goodbye on its way out.
            while let Some(Ok(_)) = inbound.next().await {}
            written
        };
        if timeout(GOODBYE, parting).await.is_err() {
            writer.abort();
        }
    }

    async fn until_end(
        &self,
        queue: mpsc::Sender<Outgoing>,
        inbound: &mut SplitStream<WebSocket>,
    ) -> End {
        let process = &self.app.process;
        let life = Notify::new();
        let (resume, resumed) = oneshot::channel();
        let rooms = self.app.sockets.rooms.clone();
        let delivery = Delivery {
            tenant: self.tenant.clone(),
            member: rooms.join(self.verified.org, self.newest),
            rooms,
            last: self.newest,
            queue: queue.clone(),
        };
        tokio::select! {
            biased;
            () = process.shutdown.cancelled() => End::Restarting,
            () = self.session_end() => End::SessionEnded,
            end = inbound::listen(inbound, resume, &life) => end,
            () = queue.closed() => End::Left,
            end = heartbeat(&queue, &life) => end,
            end = delivery.run(resumed) => end,
        }
    }

    async fn session_end(&self) {
        let Verified {
            org,
            holder,
            expires,
        } = *self.verified;
        let revocations = &self.app.auth.revocations;
        let mut changes = revocations.changes();
        while !revocations.contains(org, holder.subject())
            && expires > self.app.process.clock.now().as_second()
        {
            tokio::select! {
                Ok(()) = changes.changed() => {}
                () = sleep(CHECK_EVERY) => {}
            }
        }
    }
}

async fn heartbeat(queue: &mpsc::Sender<Outgoing>, life: &Notify) -> End {
    loop {
        sleep(PING_EVERY).await;
        if queue.send(Outgoing::Ping).await.is_err() {
            return End::Left;
        }
        if timeout(PONG_WITHIN, life.notified()).await.is_err() {
            return End::Silent;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_is_pinged_as_long_as_it_answers() {
        let (queue, mut queued) = mpsc::channel(1);
        let life = Notify::new();
        let started = Instant::now();
        let client = async {
            for _ in 0..3 {
                assert!(matches!(queued.recv().await, Some(Outgoing::Ping)));
                life.notify_one();
            }
            assert_eq!(started.elapsed(), 3 * PING_EVERY);
            // The fourth stays without an answer.
            queued.recv().await;
        };
        let (end, ()) = tokio::join!(heartbeat(&queue, &life), client);
        assert_eq!(end, End::Silent);
        assert_eq!(started.elapsed(), 4 * PING_EVERY + PONG_WITHIN);
    }
}

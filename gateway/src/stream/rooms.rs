//! Which organisations have sockets here, and the one stream of each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::timeout;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use voxanne_clock::Clock;
use voxanne_ids::OrgId;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::realtime::v1::{
    Event, GetHeadRequest, ReplayRequest, ReplayResponse, SubscribeRequest,
};
use voxanne_resilience::Backoff;
use voxanne_runtime::Process;
use voxanne_tenant::Tenant;

use super::{
    frames::Frame,
    room::{Member, Room},
};
use crate::Clients;

/// How long a lost stream, or a page that could not be read, waits for the next attempt.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(400), Duration::from_secs(5));
/// How long the event log may take to begin a stream.
const PATIENCE: Duration = Duration::from_secs(5);
/// Events told without a pause.
const AT_ONCE: usize = 64;
/// The event log says so when it does not reach back.
const EVENTS_GONE: &str = "EVENTS_GONE";

#[derive(Clone)]
pub(super) struct Rooms(Arc<Inner>);

struct Inner {
    open: Mutex<HashMap<OrgId, Arc<Room>>>,
    clients: Arc<Clients>,
    clock: Clock,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Rooms {
    pub(super) fn new(clients: Arc<Clients>, process: &Process) -> Self {
        Self(Arc::new(Inner {
            open: Mutex::default(),
            clients,
            clock: process.clock.clone(),
            tasks: process.tasks.clone(),
            shutdown: process.shutdown.clone(),
        }))
    }

    /// Joins the room of `org`; one that is not open yet begins after event `newest`.
    pub(super) fn join(&self, org: OrgId, newest: i64) -> Member {
        let mut open = self.open();
        if let Some(room) = open.get(&org) {
            return room.join();
        }
        let room = Arc::new(Room::new(newest));
        // Somebody has to be in it before it looks whether it is empty.
        let member = room.join();
        open.insert(org, room.clone());
        self.0.tasks.spawn(self.clone().run(org, room));
        member
    }

    /// A page of the log after event `after`.
    pub(super) async fn replay(
        &self,
        tenant: &Tenant,
        after: i64,
    ) -> Result<ReplayResponse, Problem> {
        let realtime = &self.0.clients.realtime;
        let request = realtime.request(tenant, ReplayRequest { after, limit: 0 });
        Ok(realtime.client().replay(request).await?.into_inner())
    }

    /// Waits before attempt number `attempt` is made again.
    pub(super) async fn pause(&self, attempt: u32) {
        // Parts of a second differ enough between rooms that failed together.
        let jitter = f64::from(self.0.clock.now().subsec_microsecond()) / 1000.0;
        tokio::time::sleep(BACKOFF.delay(attempt, jitter)).await;
    }

    async fn run(self, org: OrgId, room: Arc<Room>) {
        tokio::select! {
            () = self.0.shutdown.cancelled() => {}
            () = self.until_empty(org, &room) => {}
            () = self.feed(org, &room) => {}
        }
    }

    async fn until_empty(&self, org: OrgId, room: &Room) {
        loop {
            room.somebody_left().await;
            // The lock is the one that joining takes, so nobody joins a room that closes.
            let mut open = self.open();
            if room.is_empty() {
                open.remove(&org);
                return;
            }
        }
    }

    /// Follows the log for ever, again after each loss.
    async fn feed(&self, org: OrgId, room: &Room) {
        let tenant = Tenant::for_job(org, "rooms");
        let mut attempt = 0;
        loop {
            let before = room.last();
            let problem = match self.follow(&tenant, room).await {
                Err(problem) if problem.reason == EVENTS_GONE => self.skip(&tenant, room).await,
                Err(problem) => problem,
                Ok(never) => match never {},
            };
            problem.log();
            tracing::info!(org.id = %org, reason = %problem.reason, "the stream of events is lost");
            if room.last() > before {
                attempt = 0;
            }
            self.pause(attempt).await;
            attempt = attempt.saturating_add(1);
        }
    }

    async fn follow(&self, tenant: &Tenant, room: &Room) -> Result<Never, Problem> {
        let realtime = &self.0.clients.realtime;
        let after = room.last();
        let request = realtime.stream_request(tenant, SubscribeRequest { after });
        let mut client = realtime.client();
        let begun = timeout(PATIENCE, client.subscribe(request)).await;
        let mut stream = begun.map_err(Problem::unavailable)??.into_inner();
        while let Some(page) = stream.message().await? {
            for some in page.events.chunks(AT_ONCE) {
                for event in some {
                    tell(room, event)?;
                }
                // Sockets take what they were told before it is more than a room remembers.
                tokio::task::yield_now().await;
            }
        }
        Err(Problem::unavailable("the stream ended"))
    }

    /// Goes on at the end of a log that does not reach back.
    async fn skip(&self, tenant: &Tenant, room: &Room) -> Problem {
        let realtime = &self.0.clients.realtime;
        let request = realtime.request(tenant, GetHeadRequest {});
        match realtime.client().get_head(request).await {
            Ok(head) => {
                room.skip_to(head.into_inner().seq);
                Problem::new(Kind::Unprocessable, EVENTS_GONE, "events were left out")
            }
            Err(status) => status.into(),
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<OrgId, Arc<Room>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Never {}

/// Tells each event once and in order, whatever the stream holds.
fn tell(room: &Room, event: &Event) -> Result<(), Problem> {
    let last = room.last();
    if event.seq > last + 1 {
        return Err(Problem::internal("the stream of events has a gap"));
    }
    if event.seq > last {
        room.tell(Frame::new(event));
    }
    Ok(())
}

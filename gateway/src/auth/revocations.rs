//! Sessions that have ended before their tokens expire.

use std::{
    collections::{HashSet, VecDeque},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;
use voxanne_ids::SessionId;
use voxanne_proto::identity::v1::ListRevocationsRequest;

use crate::clients::Clients;

/// How late another replica's logout may be noticed.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// A hanging answer is asked for anew.
const PATIENCE: Duration = Duration::from_secs(3);
/// Identity's answers are this long at most.
const PAGE: usize = 1000;
/// A revoked session matters only until its last token expires, minutes later.
const CAPACITY: usize = 200_000;

/// Identity is asked every second, so that this works whether or not Redis is there.
pub struct Revocations {
    clients: Arc<Clients>,
    ended: RwLock<Ended>,
    changes: watch::Sender<u64>,
    heard: AtomicBool,
}

#[derive(Default)]
struct Ended {
    sessions: HashSet<SessionId>,
    oldest_first: VecDeque<SessionId>,
}

impl Revocations {
    pub fn new(clients: Arc<Clients>) -> Self {
        Self {
            clients,
            ended: RwLock::default(),
            changes: watch::Sender::new(0),
            heard: AtomicBool::new(false),
        }
    }

    /// Whether identity has told which sessions ended since this process began.
    pub fn are_known(&self) -> bool {
        self.heard.load(Ordering::Relaxed)
    }

    pub fn contains(&self, session: SessionId) -> bool {
        let ended = self.ended.read().unwrap_or_else(PoisonError::into_inner);
        ended.sessions.contains(&session)
    }

    /// Ends a session in this process at once.
    pub fn add(&self, session: SessionId) {
        self.add_all([session]);
    }

    /// Changes whenever a session ends; whoever holds something open for one looks again.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Learns of sessions that ended elsewhere until `shutdown`.
    pub async fn follow(&self, shutdown: CancellationToken) {
        let mut position = 0;
        while !shutdown.is_cancelled() {
            let more = match timeout(PATIENCE, self.ask(position)).await {
                Ok(Ok((next, count))) => {
                    position = next;
                    count >= PAGE
                }
                Ok(Err(status)) => {
                    tracing::debug!(code = ?status.code(), "identity told no revocations");
                    false
                }
                Err(_) => false,
            };
            if !more {
                shutdown
                    .run_until_cancelled(tokio::time::sleep(ASK_EVERY))
                    .await;
            }
        }
    }

    async fn ask(&self, after: i64) -> Result<(i64, usize), tonic::Status> {
        let identity = &self.clients.identity;
        let request = identity.system_request("revocations", ListRevocationsRequest { after });
        let answer = identity
            .client()
            .list_revocations(request)
            .await?
            .into_inner();
        let count = answer.session_ids.len();
        self.add_all(answer.session_ids.iter().filter_map(|id| id.parse().ok()));
        // While more are to come, a session on a later page still looks alive.
        if count < PAGE {
            self.heard.store(true, Ordering::Relaxed);
        }
        Ok((answer.position, count))
    }

    fn add_all(&self, sessions: impl IntoIterator<Item = SessionId>) {
        let mut ended = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = false;
        for session in sessions {
            if ended.sessions.insert(session) {
                ended.oldest_first.push_back(session);
                changed = true;
            }
        }
        while ended.sessions.len() > CAPACITY {
            let Some(oldest) = ended.oldest_first.pop_front() else {
                break;
            };
            ended.sessions.remove(&oldest);
        }
        drop(ended);
        if changed {
            self.changes.send_modify(|count| *count += 1);
        }
    }
}

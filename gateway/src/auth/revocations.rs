//! Sessions and API keys that have ended before their proof expires.
//!
//! Identity tells them in a feed. Its doorbell says when to look, and a second is waited at most. A
//! request is let in by what is known here as long as that is all there is to know: the doorbell is
//! heard and the feed was read seconds ago. Otherwise identity is asked about the one session, and
//! when it is away too nobody is let in.

mod ended;
mod lookups;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;
use voxanne_events::Ear;
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::{ListRevocationsRequest, Revocation, revocation};

pub use self::ended::Subject;
use self::{ended::Ended, lookups::Lookups};
use super::{Verified, session_revoked};
use crate::clients::Clients;

/// The channel that identity rings when something has ended.
pub const BELL: &str = "voxanne:revocations";
/// How late a revocation is noticed whose ring was lost.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// A hanging answer is asked for anew.
const PATIENCE: Duration = Duration::from_secs(2);
/// What was read longer ago is not trusted: two answers in a row were lost.
const FRESH: Duration = Duration::from_secs(3);
/// Identity's answers are this long at most.
const PAGE: usize = 1000;

/// What has ended, as far as this process knows.
pub struct Revocations {
    clients: Arc<Clients>,
    ear: Ear,
    ended: RwLock<Ended>,
    changes: watch::Sender<u64>,
    /// When identity was asked the last time that it told all.
    read_at: RwLock<Option<Instant>>,
    lookups: Lookups,
}

impl Revocations {
    pub fn new(clients: Arc<Clients>, ear: Ear) -> Self {
        Self {
            lookups: Lookups::new(clients.clone()),
            clients,
            ear,
            ended: RwLock::default(),
            changes: watch::Sender::new(0),
            read_at: RwLock::default(),
        }
    }

    /// Whether identity has told which sessions ended since this process began.
    pub fn are_known(&self) -> bool {
        self.read_at().is_some()
    }

    /// Lets the holder of a verified token in unless the session has ended.
    pub async fn admit(&self, verified: &Verified) -> Result<(), Problem> {
        let org = verified.org;
        let Some(session) = verified.holder.session() else {
            return Err(Problem::internal("a token is of a member"));
        };
        if self.contains(org, Subject::Session(session)) {
            return Err(session_revoked());
        }
        if self.are_current() {
            return Ok(());
        }
        if self.lookups.has_ended(verified, session).await? {
            self.add(org, Subject::Session(session));
            return Err(session_revoked());
        }
        Ok(())
    }

    pub fn contains(&self, org: OrgId, subject: Subject) -> bool {
        let ended = self.ended.read().unwrap_or_else(PoisonError::into_inner);
        ended.contains(&(org, subject))
    }

    /// Ends a session or a key in this process at once.
    pub fn add(&self, org: OrgId, subject: Subject) {
        self.add_all([(org, subject)]);
    }

    /// Changes whenever something ends; whoever holds something open for it looks again.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Learns of what ended elsewhere until `shutdown`.
    pub async fn follow(&self, shutdown: CancellationToken) {
        let (mut position, mut rings) = (0, self.ear.rings());
        while !shutdown.is_cancelled() {
            // A ring from here on is about something that this answer may lack.
            rings.mark_unchanged();
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
                tokio::select! {
                    () = shutdown.cancelled() => {}
                    Ok(()) = rings.changed() => {}
                    () = tokio::time::sleep(ASK_EVERY) => {}
                }
            }
        }
    }

    /// Whether whatever had ended before this moment is known here, but for what rings right now.
    pub(super) fn are_current(&self) -> bool {
        let (Some(read_at), Some(since)) = (self.read_at(), self.ear.hearing_since()) else {
            return false;
        };
        // What rang before the doorbell was heard is in an answer that was asked for after it.
        read_at >= since && read_at.elapsed() < FRESH
    }

    fn read_at(&self) -> Option<Instant> {
        *self.read_at.read().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, after: i64) -> Result<(i64, usize), tonic::Status> {
        let asked_at = Instant::now();
        let sessions = &self.clients.sessions;
        let request = sessions.system_request("revocations", ListRevocationsRequest { after });
        let answer = sessions.client().list_revocations(request).await?;
        let answer = answer.into_inner();
        let count = answer.revocations.len();
        self.add_all(answer.revocations.iter().filter_map(subject));
        // While more are to come, a session on a later page still looks alive.
        if count < PAGE {
            let mut read_at = self.read_at.write().unwrap_or_else(PoisonError::into_inner);
            *read_at = Some(asked_at);
        }
        Ok((answer.position, count))
    }

    fn add_all(&self, sessions: impl IntoIterator<Item = (OrgId, Subject)>) {
        let mut ended = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        let changed = ended.add_all(sessions);
        drop(ended);
        if changed {
            self.changes.send_modify(|count| *count += 1);
        }
    }
}

/// What an entry is about; none when it is of a kind that is not known here.
fn subject(told: &Revocation) -> Option<(OrgId, Subject)> {
    let subject = match told.ended.as_ref()? {
        revocation::Ended::SessionId(session) => Subject::Session(session.parse().ok()?),
        revocation::Ended::KeyId(key) => Subject::Key(key.parse().ok()?),
    };
    Some((told.org_id.parse().ok()?, subject))
}

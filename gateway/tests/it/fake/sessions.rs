//! Identity's sessions: what has ended, and how it is told.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use tokio::sync::Semaphore;
use tonic::Status;
use voxanne_gateway::auth::Subject;
use voxanne_ids::{KeyId, OrgId, SessionId};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::identity::v1::{
    CheckSessionRequest, CheckSessionResponse, ListRevocationsRequest, ListRevocationsResponse,
    Revocation, revocation,
};
use voxanne_tenant::{Caller, System, Tenant};

use super::Rpcs;

const SERVICE: &str = "/voxanne.identity.v1.SessionService";

/// Replicas of identity that share one database.
#[derive(Clone)]
pub(crate) struct Sessions(Arc<State>);

struct State {
    ended: Mutex<Vec<(OrgId, Subject)>>,
    /// The feed does not answer.
    stalled: AtomicBool,
    /// Nothing answers.
    away: AtomicBool,
    checks: AtomicUsize,
    /// Taken by each check for as long as it lasts.
    gate: Semaphore,
}

impl Default for Sessions {
    fn default() -> Self {
        Self(Arc::new(State {
            ended: Mutex::default(),
            stalled: AtomicBool::new(false),
            away: AtomicBool::new(false),
            checks: AtomicUsize::new(0),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        }))
    }
}

impl Sessions {
    /// Ends a session, as another gateway's logout does.
    pub(crate) fn revoke(&self, org: OrgId, session: SessionId) {
        self.end(org, Subject::Session(session));
    }

    /// Revokes an API key.
    pub(crate) fn revoke_key(&self, org: OrgId, key: KeyId) {
        self.end(org, Subject::Key(key));
    }

    fn end(&self, org: OrgId, subject: Subject) {
        let mut ended = self.0.ended.lock().expect("no holder panics");
        ended.push((org, subject));
    }

    /// Lets the feed hang, or go on.
    pub(crate) fn stall(&self, stalled: bool) {
        self.0.stalled.store(stalled, Ordering::SeqCst);
    }

    /// Lets every question about sessions fail, or be answered again.
    pub(crate) fn leave(&self, away: bool) {
        self.0.away.store(away, Ordering::SeqCst);
    }

    /// How often it was asked about one session.
    pub(crate) fn checks(&self) -> usize {
        self.0.checks.load(Ordering::SeqCst)
    }

    /// Holds every check up until the answer is dropped.
    pub(crate) async fn hold(&self) -> tokio::sync::SemaphorePermit<'_> {
        let all = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        self.0
            .gate
            .acquire_many(all)
            .await
            .expect("it is never closed")
    }

    /// Gives an identity these sessions.
    pub(crate) fn rpcs(&self, identity: Rpcs) -> Rpcs {
        let (feed, check) = (self.clone(), self.clone());
        identity
            .unary(
                &format!("{SERVICE}/ListRevocations"),
                move |request: tonic::Request<ListRevocationsRequest>| {
                    let feed = feed.clone();
                    async move {
                        System::of(&request)?;
                        feed.list(request.get_ref().after).await
                    }
                },
            )
            .unary(
                &format!("{SERVICE}/CheckSession"),
                move |request: tonic::Request<CheckSessionRequest>| {
                    let check = check.clone();
                    async move { check.check(&Tenant::of(&request)?).await }
                },
            )
    }

    async fn list(&self, after: i64) -> Result<ListRevocationsResponse, Status> {
        if self.0.stalled.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        self.answers()?;
        let ended = self.0.ended.lock().expect("no holder panics");
        let after = usize::try_from(after).unwrap_or(0);
        let new = ended.iter().skip(after).map(|(org, subject)| Revocation {
            org_id: org.to_string(),
            ended: Some(match subject {
                Subject::Session(id) => revocation::Ended::SessionId(id.to_string()),
                Subject::Key(id) => revocation::Ended::KeyId(id.to_string()),
            }),
        });
        Ok(ListRevocationsResponse {
            revocations: new.collect(),
            position: i64::try_from(ended.len()).unwrap_or(0),
        })
    }

    async fn check(&self, tenant: &Tenant) -> Result<CheckSessionResponse, Status> {
        self.0.checks.fetch_add(1, Ordering::SeqCst);
        let _held = self.0.gate.acquire().await.expect("it is never closed");
        self.answers()?;
        let Caller::User { session, .. } = tenant.caller() else {
            return Err(Status::permission_denied("not a user"));
        };
        let ended = self.0.ended.lock().expect("no holder panics");
        if ended.contains(&(tenant.org(), Subject::Session(*session))) {
            let reason = "SESSION_REVOKED";
            return Err(Problem::new(Kind::Unauthenticated, reason, "it has ended").into());
        }
        Ok(CheckSessionResponse {})
    }

    fn answers(&self) -> Result<(), Status> {
        if self.0.away.load(Ordering::SeqCst) {
            return Err(Status::unavailable("away"));
        }
        Ok(())
    }
}

//! Asking identity about one session.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use moka::future::Cache;
use tokio::sync::Mutex;
use tonic::Code;
use voxanne_ids::{OrgId, SessionId};
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::CheckSessionRequest;
use voxanne_telemetry::names;

use super::Verified;
use crate::clients::Clients;

/// A request that waits longer had better be told to come again.
const PATIENCE: Duration = Duration::from_secs(2);
/// Sessions that are asked about at once; what is kept of one is forgotten soon after.
const CAPACITY: u64 = 10_000;
const KEPT_FOR: Duration = Duration::from_secs(10);

/// Questions on their way, one for each session.
pub(super) struct Lookups {
    clients: Arc<Clients>,
    asking: Cache<(OrgId, SessionId), Arc<Mutex<Option<Answer>>>>,
}

#[derive(Clone, Copy)]
struct Answer {
    asked_at: Instant,
    /// None when identity did not answer.
    has_ended: Option<bool>,
}

impl Lookups {
    pub(super) fn new(clients: Arc<Clients>) -> Self {
        let asking = Cache::builder().max_capacity(CAPACITY);
        Self {
            clients,
            asking: asking.time_to_idle(KEPT_FOR).build(),
        }
    }

    /// Whether the session has ended by this moment. Requests that wait for one session share an
    /// answer, and only one that was asked for after they came: an older one may lack what ended in
    /// between.
    pub(super) async fn has_ended(
        &self,
        verified: &Verified,
        session: SessionId,
    ) -> Result<bool, Problem> {
        let came_at = Instant::now();
        let key = (verified.org, session);
        let shared = self.asking.get_with(key, async { Arc::default() }).await;
        let mut shared = shared.lock().await;
        let answer = match *shared {
            Some(answer) if answer.asked_at >= came_at => answer,
            _ => self.ask(verified).await,
        };
        *shared = Some(answer);
        answer
            .has_ended
            .ok_or_else(|| Problem::unavailable("identity does not tell whether sessions go on"))
    }

    async fn ask(&self, verified: &Verified) -> Answer {
        let asked_at = Instant::now();
        let sessions = &self.clients.sessions;
        let tenant = verified.tenant().within(PATIENCE);
        let request = sessions.request(&tenant, CheckSessionRequest {});
        let has_ended = match sessions.client().check_session(request).await {
            Ok(_) => Some(false),
            Err(status) if status.code() == Code::Unauthenticated => {
                let problem = Problem::from(status);
                (problem.reason == "SESSION_REVOKED").then_some(true)
            }
            Err(_) => None,
        };
        let outcome = match has_ended {
            Some(true) => "ended",
            Some(false) => "goes_on",
            None => "unknown",
        };
        metrics::counter!(names::SESSION_LOOKUPS, "outcome" => outcome).increment(1);
        Answer {
            asked_at,
            has_ended,
        }
    }
}

//! Whether a bearer token proves who asks.

pub(crate) mod cache;
pub(crate) mod keys;
pub(crate) mod member;
pub(crate) mod revocations;
pub(crate) mod token;

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use voxanne_clock::Clock;
use voxanne_events::Ear;
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_problem::{Kind, Problem};
use voxanne_tenant::{Caller, Role, Tenant};

use self::{cache::Cache, token::Shape};
pub use self::{
    cache::Stats,
    keys::Keys,
    member::Member,
    revocations::{BELL, Revocations, Subject},
};
use crate::{Config, clients::Clients, request_id};

/// A token is a kilobyte or so; a much longer one is somebody's attempt to keep us busy.
const MAX_TOKEN_LENGTH: usize = 8 * 1024;

/// A member of an organisation, as a token that was verified says.
#[derive(Clone, Debug)]
pub struct Verified {
    pub user: UserId,
    pub org: OrgId,
    pub role: Role,
    pub session: SessionId,
    /// Seconds since 1970.
    pub expires: i64,
}

impl Verified {
    /// The member's organisation as the proof that services ask for.
    #[expect(
        clippy::disallowed_methods,
        reason = "the token that says so was verified: this is the authenticated edge"
    )]
    pub fn tenant(&self) -> Tenant {
        let caller = Caller::User {
            id: self.user,
            role: self.role,
            session: self.session,
        };
        Tenant::authenticated(self.org, caller, request_id::current())
    }
}

/// Verifies tokens, each one once while it is in use.
pub struct Auth {
    pub keys: Keys,
    pub revocations: Revocations,
    cache: Cache,
    clock: Clock,
}

impl Auth {
    pub fn new(
        config: &Config,
        clients: &Arc<Clients>,
        ear: Ear,
        clock: &Clock,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            keys: Keys::new(&config.tokens, clients.clone())?,
            revocations: Revocations::new(clients.clone(), ear),
            cache: Cache::default(),
            clock: clock.clone(),
        })
    }

    /// Verifies the token of the header `Authorization`.
    pub async fn verify_header(&self, headers: &HeaderMap) -> Result<Arc<Verified>, Problem> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(missing());
        };
        let text = value.to_str().map_err(|_| missing())?;
        let Some((scheme, token)) = text.split_once(' ') else {
            return Err(missing());
        };
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(missing());
        }
        self.verify(token.trim()).await
    }

    /// Verifies a token; a session that was revoked is refused even while its token is fresh.
    pub async fn verify(&self, token: &str) -> Result<Arc<Verified>, Problem> {
        if token.len() > MAX_TOKEN_LENGTH {
            return Err(token::invalid("the token is too long"));
        }
        let now = self.clock.now().as_second();
        let known = self.cache.get(token, now).await;
        let verified = match known {
            Some(verified) => verified,
            None => {
                let (key, rules) = self.keys.find(&Shape::read(token)?).await?;
                let verified = Arc::new(token::verify(token, &key, &rules, now)?);
                self.cache.keep(token, verified.clone(), key).await;
                verified
            }
        };
        self.revocations.admit(&verified).await?;
        Ok(verified)
    }

    pub async fn stats(&self) -> Stats {
        self.cache.stats().await
    }
}

pub fn session_revoked() -> Problem {
    Problem::new(
        Kind::Unauthenticated,
        "SESSION_REVOKED",
        "this session has ended, sign in again",
    )
}

fn missing() -> Problem {
    Problem::new(
        Kind::Unauthenticated,
        "TOKEN_MISSING",
        "send an access token in the header Authorization",
    )
}

//! Whether a bearer token proves who asks.

mod api_keys;
pub(crate) mod cache;
pub(crate) mod keys;
pub(crate) mod member;
pub(crate) mod revocations;
pub(crate) mod token;

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use uuid::Uuid;
use voxanne_clock::Clock;
use voxanne_events::Ear;
use voxanne_ids::{KeyId, OrgId, SessionId, UserId};
use voxanne_problem::{Kind, Problem};
use voxanne_tenant::{ApiKey, Caller, Permissions, Role, Tenant};

use self::{api_keys::ApiKeys, cache::Cache, token::Shape};
pub use self::{
    cache::Stats,
    keys::Keys,
    member::Member,
    revocations::{BELL, Revocations, Subject},
};
use crate::{Config, clients::Clients, request_id};

/// A token is a kilobyte or so; a much longer one is somebody's attempt to keep us busy.
const MAX_TOKEN_LENGTH: usize = 8 * 1024;

/// Who acts for an organisation, as a token or an API key that was verified says.
#[derive(Clone, Debug)]
pub struct Verified {
    pub org: OrgId,
    pub holder: Holder,
    /// Seconds since 1970; the end of time for a key that lasts until it is revoked.
    pub expires: i64,
}

/// A member who is signed in, or a program with a key.
#[derive(Clone, Copy, Debug)]
pub enum Holder {
    User {
        id: UserId,
        role: Role,
        session: SessionId,
    },
    Key {
        id: KeyId,
        scopes: Permissions,
    },
}

impl Holder {
    /// The user or the key.
    pub const fn id(&self) -> Uuid {
        match self {
            Self::User { id, .. } => id.as_uuid(),
            Self::Key { id, .. } => id.as_uuid(),
        }
    }

    /// What ends before the proof of it expires.
    pub const fn subject(&self) -> Subject {
        match self {
            Self::User { session, .. } => Subject::Session(*session),
            Self::Key { id, .. } => Subject::Key(*id),
        }
    }

    /// The session of a member.
    pub const fn session(&self) -> Option<SessionId> {
        match self {
            Self::User { session, .. } => Some(*session),
            Self::Key { .. } => None,
        }
    }
}

impl Verified {
    /// The organisation as the proof that services ask for.
    #[expect(
        clippy::disallowed_methods,
        reason = "the token or key that says so was verified: this is the authenticated edge"
    )]
    pub fn tenant(&self) -> Tenant {
        let caller = match self.holder {
            Holder::User { id, role, session } => Caller::User { id, role, session },
            Holder::Key { id, scopes } => Caller::Key { id, scopes },
        };
        Tenant::authenticated(self.org, caller, request_id::current())
    }
}

/// Verifies tokens, each one once while it is in use.
pub struct Auth {
    pub keys: Keys,
    pub revocations: Revocations,
    api_keys: ApiKeys,
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
            api_keys: ApiKeys::new(clients.clone()),
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

    /// Verifies a token or an API key; a session that was revoked is refused even while its token
    /// is fresh.
    pub async fn verify(&self, token: &str) -> Result<Arc<Verified>, Problem> {
        if token.len() > MAX_TOKEN_LENGTH {
            return Err(token::invalid("the token is too long"));
        }
        let now = self.clock.now().as_second();
        if token.starts_with(ApiKey::PREFIX) {
            return self.verify_key(token).await;
        }
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

    async fn verify_key(&self, text: &str) -> Result<Arc<Verified>, Problem> {
        let key = api_keys::parse(text)?;
        let (hash, now) = (key.hash(), self.clock.now().as_second());
        // What is known of a key is good for as long as its revocation would be heard of.
        let known = if self.revocations.are_current() {
            self.cache.key(&hash, now).await
        } else {
            self.cache.no_key()
        };
        let verified = match known {
            Some(verified) => verified,
            None => {
                let verified = Arc::new(self.find_key(&key, hash).await?);
                self.cache.keep_key(hash, verified.clone()).await;
                verified
            }
        };
        if self
            .revocations
            .contains(verified.org, verified.holder.subject())
        {
            return Err(api_keys::revoked());
        }
        Ok(verified)
    }

    async fn find_key(&self, key: &ApiKey, hash: [u8; 32]) -> Result<Verified, Problem> {
        if self.cache.is_unknown(&hash) {
            return Err(api_keys::unknown());
        }
        let found = self.api_keys.find(key).await;
        if let Err(problem) = &found
            && api_keys::is_unknown(problem)
        {
            self.cache.keep_unknown(hash).await;
        }
        found
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

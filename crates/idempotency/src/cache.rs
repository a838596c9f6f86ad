//! Redis in front of the authority: finished answers for 60 s, and a mark while one is being made.
//!
//! Every failure of Redis reads as "not there": a cache that is away costs time, not correctness.

use std::time::Duration;

use redis::{AsyncCommands as _, SetExpiry, SetOptions, aio::ConnectionManager};
use serde::{Deserialize, Serialize};
use voxanne_ids::OrgId;

use crate::{Fingerprint, KeyedRequest};

/// How long a finished answer is served from here.
const KEEP: Duration = Duration::from_secs(60);
/// How long a mark outlives a gateway that died while making an answer.
const MARK: Duration = Duration::from_secs(30);
/// A slower Redis is slower than Postgres, and then it has no use.
const PATIENCE: Duration = Duration::from_millis(50);

/// A finished answer, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

/// What the cache knows of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing, or Redis is away.
    Unknown,
    /// The first request is running.
    Running,
    /// Another request came with this key.
    Reused,
    Finished(Answer),
}

#[derive(Serialize, Deserialize)]
struct Entry {
    fingerprint: String,
    answer: Option<Answer>,
}

/// The shared cache; without a connection it knows nothing and keeps nothing.
#[derive(Clone, Default)]
pub struct Cache(Option<ConnectionManager>);

impl Cache {
    pub const fn new(connection: Option<ConnectionManager>) -> Self {
        Self(connection)
    }

    pub async fn look_up(&self, place: &Place<'_>) -> Known {
        let Some(redis) = &self.0 else {
            return Known::Unknown;
        };
        let mut redis = redis.clone();
        let found = within(redis.get::<_, Option<String>>(place.redis_key()))
            .await
            .flatten();
        let Some(entry) = found.and_then(|text| serde_json::from_str::<Entry>(&text).ok()) else {
            return Known::Unknown;
        };
        if entry.fingerprint != place.keyed.fingerprint.to_hex() {
            return Known::Reused;
        }
        entry.answer.map_or(Known::Running, Known::Finished)
    }

    /// Marks a key as being worked on. `false` when somebody else has marked or answered it;
    /// `true` also when Redis is away.
    pub async fn mark(&self, place: &Place<'_>) -> bool {
        let Some(redis) = &self.0 else { return true };
        let mut redis = redis.clone();
        let options = SetOptions::default()
            .conditional_set(redis::ExistenceCheck::NX)
            .with_expiration(SetExpiry::EX(MARK.as_secs()));
        let entry = place.entry(None);
        within(redis.set_options::<_, _, Option<String>>(place.redis_key(), entry, options))
            .await
            .is_none_or(|set| set.is_some())
    }

    /// Keeps a finished answer for 60 s.
    pub async fn keep(&self, place: &Place<'_>, answer: Answer) {
        let Some(redis) = &self.0 else { return };
        let mut redis = redis.clone();
        let entry = place.entry(Some(answer));
        within(redis.set_ex::<_, _, ()>(place.redis_key(), entry, KEEP.as_secs())).await;
    }

    /// Takes a mark back after an answer that must not be repeated.
    pub async fn forget(&self, place: &Place<'_>) {
        let Some(redis) = &self.0 else { return };
        let mut redis = redis.clone();
        within(redis.del::<_, ()>(place.redis_key())).await;
    }
}

/// Where an answer is kept: a key means one thing for each organisation, method and path.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    pub org: OrgId,
    pub method: &'a str,
    pub path: &'a str,
    pub keyed: &'a KeyedRequest,
}

impl Place<'_> {
    fn redis_key(&self) -> String {
        let scope = Fingerprint::of(&[
            self.method.as_bytes(),
            self.path.as_bytes(),
            self.keyed.key.as_str().as_bytes(),
        ]);
        format!("idempotency:{}:{}", self.org, scope.to_hex())
    }

    fn entry(&self, answer: Option<Answer>) -> String {
        let entry = Entry {
            fingerprint: self.keyed.fingerprint.to_hex(),
            answer,
        };
        serde_json::to_string(&entry).expect("strings and numbers")
    }
}

async fn within<T>(call: impl Future<Output = redis::RedisResult<T>>) -> Option<T> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(Ok(value)) => Some(value),
        Ok(Err(error)) => {
            tracing::debug!(%error, "idempotency cache away");
            None
        }
        Err(_) => None,
    }
}

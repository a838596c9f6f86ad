//! Redis in front of the authority: finished answers for 60 s, and a mark while one is being made.
//!
//! Every failure of Redis reads as "not there": a cache that is away costs time, not correctness.
//! An answer may be about a patient, so Redis holds nothing that it could read: entries are sealed
//! with keys that it does not have, each for the one name that it lies under.

mod seal;

use std::{sync::Once, time::Duration};

use redis::{AsyncCommands as _, SetExpiry, SetOptions, aio::ConnectionManager};
use serde::{Deserialize, Serialize};
use voxanne_ids::OrgId;
use voxanne_tenant::Keys;

use self::seal::Seals;
use crate::KeyedRequest;

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

impl Entry {
    fn tells(self, place: &Place<'_>) -> Known {
        if self.fingerprint != place.keyed.fingerprint.to_hex() {
            return Known::Reused;
        }
        self.answer.map_or(Known::Running, Known::Finished)
    }
}

impl Known {
    /// What is known of a key when two entries tell of it: a mark may outlive its answer.
    fn or(self, other: Self) -> Self {
        match self {
            Self::Unknown => other,
            Self::Running if other != Self::Unknown => other,
            first => first,
        }
    }
}

/// The shared cache; without a connection it knows nothing and keeps nothing.
#[derive(Clone)]
pub struct Cache {
    redis: Option<ConnectionManager>,
    seals: Seals,
}

impl Cache {
    /// A cache whose entries are sealed with what is derived from `keys`: the newest one seals, all
    /// of them open.
    pub fn new(redis: Option<ConnectionManager>, keys: &Keys) -> Self {
        let seals = Seals::of(keys);
        Self { redis, seals }
    }

    pub async fn look_up(&self, place: &Place<'_>) -> Known {
        let Some(redis) = &self.redis else {
            return Known::Unknown;
        };
        let names = self.seals.names(place);
        let found = within(redis.clone().mget::<_, Vec<Option<Vec<u8>>>>(&names)).await;
        let mut known = Known::Unknown;
        for (which, sealed) in found.into_iter().flatten().enumerate() {
            let (Some(sealed), Some(name)) = (sealed, names.get(which)) else {
                continue;
            };
            let read = |plain: &[u8]| serde_json::from_slice::<Entry>(plain).ok();
            match self.seals.open(which, name, &sealed, read) {
                Some(entry) => known = known.or(entry.tells(place)),
                None => self.drop_unreadable(name).await,
            }
        }
        known
    }

    /// Marks a key as being worked on. `false` when somebody else has marked or answered it;
    /// `true` also when Redis is away. While keys are being replaced, marks that two gateways set
    /// in the same instant may miss each other, as without Redis.
    pub async fn mark(&self, place: &Place<'_>) -> bool {
        let Some(redis) = &self.redis else {
            return true;
        };
        let Some((name, entry)) = self.entry(place, None) else {
            return true;
        };
        let mut redis = redis.clone();
        let options = SetOptions::default()
            .conditional_set(redis::ExistenceCheck::NX)
            .with_expiration(SetExpiry::EX(MARK.as_secs()));
        within(redis.set_options::<_, _, Option<String>>(name, entry, options))
            .await
            .is_none_or(|set| set.is_some())
    }

    /// Keeps a finished answer for 60 s.
    pub async fn keep(&self, place: &Place<'_>, answer: Answer) {
        let Some(redis) = &self.redis else { return };
        let Some((name, entry)) = self.entry(place, Some(answer)) else {
            return;
        };
        let mut redis = redis.clone();
        within(redis.set_ex::<_, _, ()>(name, entry, KEEP.as_secs())).await;
    }

    /// Takes a mark back after an answer that must not be repeated.
    pub async fn forget(&self, place: &Place<'_>) {
        self.remove(&self.seals.name(place)).await;
    }

    async fn remove(&self, name: &str) {
        let Some(redis) = &self.redis else { return };
        within(redis.clone().del::<_, ()>(name)).await;
    }

    /// An entry that was moved or altered must not stand in the way of a mark either.
    async fn drop_unreadable(&self, name: &str) {
        static SAID: Once = Once::new();
        SAID.call_once(|| {
            tracing::debug!("an entry of the idempotency cache does not open and is dropped");
        });
        self.remove(name).await;
    }

    /// What is written, and under which name.
    fn entry(&self, place: &Place<'_>, answer: Option<Answer>) -> Option<(String, Vec<u8>)> {
        let entry = Entry {
            fingerprint: place.keyed.fingerprint.to_hex(),
            answer,
        };
        let plain = serde_json::to_vec(&entry).expect("strings and numbers");
        let name = self.seals.name(place);
        let sealed = self.seals.seal(&name, &plain)?;
        Some((name, sealed))
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

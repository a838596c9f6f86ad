//! Keys that somebody publishes, and how often they are asked for.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::Value;
use tokio::{sync::Mutex, time::timeout};
use tokio_util::sync::CancellationToken;
use url::Url;
use voxanne_proto::identity::v1::GetJwksRequest;

use super::key::Key;
use crate::clients::Clients;

/// Anybody can send tokens with unknown key ids, so those cause at most one fetch in this time.
const FETCH_AT_MOST_EVERY: Duration = Duration::from_secs(2);
/// Keys that were dropped stop being accepted within this time.
const FETCH_EVERY: Duration = Duration::from_secs(60);
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);
/// A set of keys is a few kilobytes; nobody may fill our memory with one.
const LARGEST_SET: usize = 256 * 1024;
const MOST_KEYS: usize = 100;

type Known = HashMap<String, Arc<Key>>;

/// The keys of one issuer as they were last heard; kept while the issuer is away.
pub(super) struct Source {
    place: Place,
    fetched: RwLock<Option<Fetched>>,
    last_attempt: Mutex<Option<Instant>>,
}

enum Place {
    Identity(Arc<Clients>),
    Url { url: Url, http: reqwest::Client },
}

struct Fetched {
    /// RFC 7517 JSON as it came.
    text: String,
    keys: Known,
}

/// RFC 7517, each key still unread.
#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

impl Source {
    /// The keys that identity signs with.
    pub(super) fn identity(clients: Arc<Clients>) -> Self {
        Self::at(Place::Identity(clients))
    }

    /// The keys that an issuer publishes at `url`.
    pub(super) fn url(url: Url) -> anyhow::Result<Self> {
        let http = voxanne_resilience::http::client("voxanne-gateway", FETCH_TIMEOUT)?;
        Ok(Self::at(Place::Url { url, http }))
    }

    fn at(place: Place) -> Self {
        Self {
            place,
            fetched: RwLock::default(),
            last_attempt: Mutex::default(),
        }
    }

    pub(super) fn known(&self, id: &str) -> Option<Arc<Key>> {
        self.read(|fetched| fetched.keys.get(id).cloned()).flatten()
    }

    pub(super) fn text(&self) -> Option<String> {
        self.read(|fetched| fetched.text.clone())
    }

    pub(super) fn has_heard(&self) -> bool {
        self.read(|_| ()).is_some()
    }

    /// Keeps the keys fresh until `shutdown`.
    pub(super) async fn follow(&self, shutdown: &CancellationToken) {
        while !shutdown.is_cancelled() {
            self.fetch().await;
            let wait = if self.has_heard() {
                FETCH_EVERY
            } else {
                FETCH_AT_MOST_EVERY
            };
            shutdown.run_until_cancelled(tokio::time::sleep(wait)).await;
        }
    }

    pub(super) async fn fetch(&self) {
        // Whoever waits here for another's fetch finds that it was a moment ago.
        let mut last = self.last_attempt.lock().await;
        if last.is_some_and(|at| at.elapsed() < FETCH_AT_MOST_EVERY) {
            return;
        }
        let heard = async { timeout(FETCH_TIMEOUT, self.ask()).await? }.await;
        *last = Some(Instant::now());
        match heard.and_then(|text| Ok((keys_of(&text, &self.place)?, text))) {
            Ok((keys, text)) => self.replace(keys, text),
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(error, issuer = self.place.name(), "no keys were given");
            }
        }
    }

    async fn ask(&self) -> anyhow::Result<String> {
        match &self.place {
            Place::Identity(clients) => {
                let identity = &clients.identity;
                let request = identity.system_request("jwks", GetJwksRequest {});
                Ok(identity.client().get_jwks(request).await?.into_inner().jwks)
            }
            Place::Url { url, http } => {
                let answer = http.get(url.clone()).send().await?.error_for_status()?;
                whole(answer).await
            }
        }
    }

    /// Puts `fresh` in the place of what was known. A key that is published unchanged stays the one
    /// it was; the others retire, and what they verified with them.
    fn replace(&self, mut fresh: Known, text: String) {
        let mut fetched = self.fetched.write().unwrap_or_else(PoisonError::into_inner);
        let before = fetched.take().map(|before| before.keys).unwrap_or_default();
        for (id, key) in before {
            match fresh.get_mut(&id) {
                Some(same) if same.is_same(&key) => *same = key,
                _ => key.retire(),
            }
        }
        *fetched = Some(Fetched { text, keys: fresh });
    }

    fn read<T>(&self, look: impl FnOnce(&Fetched) -> T) -> Option<T> {
        let fetched = self.fetched.read().unwrap_or_else(PoisonError::into_inner);
        fetched.as_ref().map(look)
    }
}

impl Place {
    const fn name(&self) -> &'static str {
        match self {
            Self::Identity(_) => "identity",
            Self::Url { .. } => "external",
        }
    }

    const fn signs_with(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Identity(_) => matches!(algorithm, Algorithm::EdDSA),
            Self::Url { .. } => true,
        }
    }
}

async fn whole(mut answer: reqwest::Response) -> anyhow::Result<String> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        ensure!(
            body.len() + chunk.len() <= LARGEST_SET,
            "the set is too large"
        );
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body).context("the set is no text")
}

fn keys_of(text: &str, place: &Place) -> anyhow::Result<Known> {
    let set: Published = serde_json::from_str(text).context("not a JWK set")?;
    ensure!(set.keys.len() <= MOST_KEYS, "the set has too many keys");
    // An issuer may add a key of a kind that nobody here knows; its others stay good.
    let keys = set.keys.into_iter().filter_map(Key::read);
    let ours = keys.filter(|(_, key)| place.signs_with(key.algorithm));
    Ok(ours.map(|(id, key)| (id, Arc::new(key))).collect())
}

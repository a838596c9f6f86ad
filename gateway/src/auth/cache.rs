//! Tokens that were verified a moment ago.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::digest;
use serde::Serialize;
use utoipa::ToSchema;
use voxanne_telemetry::names;

use super::{Verified, keys::Key};

/// Members who are signed in at once; a few hundred bytes each.
const CAPACITY: u64 = 50_000;

/// Keys of programs that run at once.
const KEYS: u64 = 10_000;
/// Identity writes down that a key is used when it is asked for it, once a minute.
const KEY_FOR: Duration = Duration::from_secs(60);
/// Texts that are no key are told so for a while without asking. A key is random and known to nobody
/// before it is made, so none is asked for too early.
const UNKNOWN_FOR: Duration = Duration::from_secs(10);

/// Verified tokens by their SHA-256, so that the cache itself holds nothing to steal.
pub(super) struct Cache {
    tokens: moka::future::Cache<[u8; 32], Entry>,
    /// API keys by the hash that identity knows them by.
    keys: moka::future::Cache<[u8; 32], Arc<Verified>>,
    /// Hashes that identity knows no key by.
    unknown: moka::future::Cache<[u8; 32], ()>,
    hits: AtomicU64,
    misses: AtomicU64,
}

#[derive(Clone)]
struct Entry {
    verified: Arc<Verified>,
    /// What it was verified with.
    key: Arc<Key>,
}

/// How well the cache of verified tokens and API keys works.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    pub hits: u64,
    pub misses: u64,
    /// Between 0 and 1; 0 before the first look-up.
    pub hit_rate: f64,
    pub size: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            tokens: moka::future::Cache::new(CAPACITY),
            keys: moka::future::Cache::builder()
                .max_capacity(KEYS)
                .time_to_live(KEY_FOR)
                .build(),
            unknown: moka::future::Cache::builder()
                .max_capacity(KEYS)
                .time_to_live(UNKNOWN_FOR)
                .build(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }
}

impl Cache {
    /// The verified content of `token` unless it has expired since, or its issuer dropped the key.
    pub(super) async fn get(&self, token: &str, now: i64) -> Option<Arc<Verified>> {
        let place = sha256(token);
        let found = self.tokens.get(&place).await;
        if let Some(Entry { verified, key }) = found {
            if verified.expires > now && key.is_current() {
                self.count(&self.hits, "hit");
                return Some(verified);
            }
            self.tokens.invalidate(&place).await;
        }
        self.count(&self.misses, "miss");
        None
    }

    pub(super) async fn keep(&self, token: &str, verified: Arc<Verified>, key: Arc<Key>) {
        let entry = Entry { verified, key };
        self.tokens.insert(sha256(token), entry).await;
    }

    /// What is known of the key with this hash unless it has expired since.
    pub(super) async fn key(&self, hash: &[u8; 32], now: i64) -> Option<Arc<Verified>> {
        let found = self.keys.get(hash).await;
        let Some(verified) = found.filter(|verified| verified.expires > now) else {
            return self.no_key();
        };
        self.count(&self.hits, "hit");
        Some(verified)
    }

    /// A key that may not be looked up here is one that is not found.
    pub(super) fn no_key(&self) -> Option<Arc<Verified>> {
        self.count(&self.misses, "miss");
        None
    }

    pub(super) async fn keep_key(&self, hash: [u8; 32], verified: Arc<Verified>) {
        self.keys.insert(hash, verified).await;
    }

    pub(super) fn is_unknown(&self, hash: &[u8; 32]) -> bool {
        self.unknown.contains_key(hash)
    }

    pub(super) async fn keep_unknown(&self, hash: [u8; 32]) {
        self.unknown.insert(hash, ()).await;
    }

    pub(super) async fn stats(&self) -> Stats {
        // The count is brought up to date only with the cache's own housekeeping.
        self.tokens.run_pending_tasks().await;
        self.keys.run_pending_tasks().await;
        let hits = self.hits.load(Ordering::Relaxed);
        let misses = self.misses.load(Ordering::Relaxed);
        Stats {
            hits,
            misses,
            hit_rate: rate(hits, misses),
            size: self.tokens.entry_count() + self.keys.entry_count(),
        }
    }

    fn count(&self, counter: &AtomicU64, outcome: &'static str) {
        counter.fetch_add(1, Ordering::Relaxed);
        metrics::counter!(names::AUTH_CACHE, "outcome" => outcome).increment(1);
    }
}

fn rate(hits: u64, misses: u64) -> f64 {
    if hits + misses == 0 {
        return 0.0;
    }
    // Per ten thousand in whole numbers, which a float holds exactly.
    let share = u128::from(hits) * 10_000 / u128::from(hits + misses);
    f64::from(u32::try_from(share).unwrap_or(10_000)) / 10_000.0
}

fn sha256(token: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_the_share_of_hits() {
        assert_eq!(rate(0, 0).to_string(), "0");
        assert_eq!(rate(3, 1).to_string(), "0.75");
        assert_eq!(rate(u64::MAX / 2, 0).to_string(), "1");
    }
}

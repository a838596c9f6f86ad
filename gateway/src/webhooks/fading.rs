//! Answers that are believed for a while: what exists for long, what does not for a moment.

use std::{
    hash::Hash,
    sync::Arc,
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache};
use voxanne_problem::Problem;

/// What exists may be changed elsewhere.
const FOUND: Duration = Duration::from_secs(30);
/// What does not exist may have been made just now.
const NOT_FOUND: Duration = Duration::from_secs(5);
const CAPACITY: u64 = 10_000;

/// Answers by key; one question is asked however many wait for it, and a failure is not kept.
pub(super) struct Fading<V>(Cache<String, Option<V>>);

impl<V: Clone + Send + Sync + 'static> Default for Fading<V> {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(CAPACITY)
            .expire_after(Believed);
        Self(cache.build())
    }
}

impl<V: Clone + Send + Sync + 'static> Fading<V> {
    pub(super) async fn get<F>(&self, key: &str, ask: F) -> Result<Option<V>, Problem>
    where
        F: Future<Output = Result<Option<V>, Problem>>,
    {
        let found = self.0.try_get_with_by_ref(key, ask).await;
        // Whatever kept the answer away, the same question may be answered in a moment.
        found.map_err(|problem: Arc<Problem>| Problem::unavailable(problem))
    }
}

struct Believed;

impl<K: Hash + Eq, V> Expiry<K, Option<V>> for Believed {
    fn expire_after_create(&self, _: &K, value: &Option<V>, _: Instant) -> Option<Duration> {
        Some(if value.is_some() { FOUND } else { NOT_FOUND })
    }
}

//! One circuit breaker per key, for calls that are no tower service: a provider's API as used by
//! one organisation, say.
//!
//! tower-resilience offers no such call interface, and a healthy key needs no state at all, so
//! this is a small map of the keys in trouble. Its bound holds however many organisations there
//! are.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// So many failures in a row open the breaker.
    pub failures: u32,
    /// The first pause; each failed trial doubles it.
    pub open_for: Duration,
    /// The longest pause.
    pub open_at_most: Duration,
    /// A trial that reported nothing for so long counts as abandoned.
    pub trial_lasts: Duration,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self {
            failures: 5,
            open_for: Duration::from_secs(5),
            open_at_most: Duration::from_secs(120),
            trial_lasts: Duration::from_secs(30),
        }
    }
}

/// The call must not be made; nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("calls are paused after repeated failures")]
pub struct Open {
    /// How long to wait before asking again.
    pub retry_after: Duration,
}

/// Breakers for up to a fixed number of keys in trouble.
pub struct Breakers<K> {
    tolerance: Tolerance,
    capacity: usize,
    in_trouble: Mutex<HashMap<K, Trouble>>,
}

#[derive(Clone, Copy)]
struct Trouble {
    failures: u32,
    failed_at: Instant,
    /// While this lies ahead, calls are refused.
    closed_until: Option<Instant>,
}

impl<K: Clone + Eq + Hash> Breakers<K> {
    /// Keeps at most `capacity` keys; beyond that the key that failed longest ago is forgiven.
    pub fn new(tolerance: Tolerance, capacity: usize) -> Self {
        Self {
            tolerance,
            capacity: capacity.max(1),
            in_trouble: Mutex::default(),
        }
    }

    /// Asks to make one call for `key`. The permit has to be told how the call went; dropping it
    /// untold counts neither way and, after a pause, lets another call try.
    pub fn permit(&self, key: &K) -> Result<Permit<'_, K>, Open> {
        let now = Instant::now();
        let mut in_trouble = self.lock();
        let mut trial = None;
        if let Some(trouble) = in_trouble.get_mut(key)
            && let Some(until) = trouble.closed_until
        {
            let retry_after = until.saturating_duration_since(now);
            if !retry_after.is_zero() {
                return Err(Open { retry_after });
            }
            // One call tries; the others wait until it has reported or has been given up.
            trial = Some(now + self.tolerance.trial_lasts);
            trouble.closed_until = trial;
        }
        Ok(Permit {
            breakers: self,
            key: key.clone(),
            trial,
        })
    }

    /// Lets the next call try at once, unless somebody else tries or failed since.
    fn give_up_trial(&self, key: &K, trial: Instant) {
        if let Some(trouble) = self.lock().get_mut(key)
            && trouble.closed_until == Some(trial)
        {
            trouble.closed_until = Some(Instant::now());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Trouble>> {
        self.in_trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn record_failure(&self, key: &K) {
        let now = Instant::now();
        let mut in_trouble = self.lock();
        if in_trouble.len() >= self.capacity && !in_trouble.contains_key(key) {
            let oldest = in_trouble
                .iter()
                .min_by_key(|(_, trouble)| trouble.failed_at);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                in_trouble.remove(&oldest);
            }
        }
        let trouble = in_trouble.entry(key.clone()).or_insert(Trouble {
            failures: 0,
            failed_at: now,
            closed_until: None,
        });
        trouble.failures = trouble.failures.saturating_add(1);
        trouble.failed_at = now;
        trouble.closed_until = self
            .tolerance
            .pause_after(trouble.failures)
            .map(|pause| now + pause);
    }
}

impl Tolerance {
    fn pause_after(&self, failures: u32) -> Option<Duration> {
        let beyond = failures.checked_sub(self.failures.max(1))?;
        let factor = 2_u32.saturating_pow(beyond.min(31));
        Some(self.open_for.saturating_mul(factor).min(self.open_at_most))
    }
}

/// Leave to make one call.
#[must_use = "the breaker learns nothing from a permit that is dropped"]
pub struct Permit<'a, K: Clone + Eq + Hash> {
    breakers: &'a Breakers<K>,
    key: K,
    /// When the trial that this call is counts as abandoned; none once the call was reported.
    trial: Option<Instant>,
}

impl<K: Clone + Eq + Hash> Permit<'_, K> {
    /// The other side answered, be it with a refusal of this one request: it is well.
    pub fn succeeded(mut self) {
        self.trial = None;
        self.breakers.lock().remove(&self.key);
    }

    /// The other side did not answer, or answered that it is in trouble.
    pub fn failed(mut self) {
        self.trial = None;
        self.breakers.record_failure(&self.key);
    }
}

impl<K: Clone + Eq + Hash> Drop for Permit<'_, K> {
    fn drop(&mut self) {
        if let Some(trial) = self.trial {
            self.breakers.give_up_trial(&self.key, trial);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn breakers(capacity: usize) -> Breakers<&'static str> {
        let tolerance = Tolerance {
            failures: 3,
            open_for: Duration::from_secs(10),
            open_at_most: Duration::from_secs(30),
            trial_lasts: Duration::from_secs(5),
        };
        Breakers::new(tolerance, capacity)
    }

    fn fail(breakers: &Breakers<&'static str>, key: &'static str, times: u32) {
        for _ in 0..times {
            breakers
                .permit(&key)
                .expect("the breaker is closed")
                .failed();
        }
    }

    fn wait_of(breakers: &Breakers<&'static str>, key: &'static str) -> Option<u64> {
        breakers
            .permit(&key)
            .err()
            .map(|open| open.retry_after.as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn repeated_failures_pause_one_key_and_say_for_how_long() {
        let breakers = breakers(8);
        fail(&breakers, "acme", 3);
        assert_eq!(wait_of(&breakers, "acme"), Some(10));
        advance(Duration::from_secs(4)).await;
        assert_eq!(wait_of(&breakers, "acme"), Some(6));
        assert_eq!(wait_of(&breakers, "globex"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_forgives_earlier_failures() {
        let breakers = breakers(8);
        fail(&breakers, "acme", 2);
        breakers.permit(&"acme").expect("closed").succeeded();
        fail(&breakers, "acme", 2);
        assert_eq!(wait_of(&breakers, "acme"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_pause_one_call_tries_and_its_success_closes() {
        let breakers = breakers(8);
        fail(&breakers, "acme", 3);
        advance(Duration::from_secs(10)).await;
        let trial = breakers.permit(&"acme").expect("the trial is let through");
        assert_eq!(wait_of(&breakers, "acme"), Some(5), "only one call tries");
        trial.succeeded();
        assert_eq!(wait_of(&breakers, "acme"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_trial_doubles_the_pause_up_to_its_limit() {
        let breakers = breakers(8);
        fail(&breakers, "acme", 3);
        for pause in [20, 30, 30] {
            advance(Duration::from_secs(30)).await;
            fail(&breakers, "acme", 1);
            assert_eq!(wait_of(&breakers, "acme"), Some(pause));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_abandoned_trial_gives_way_to_another() {
        let breakers = breakers(8);
        fail(&breakers, "acme", 3);
        advance(Duration::from_secs(10)).await;
        let abandoned = breakers.permit(&"acme").expect("the trial is let through");
        assert_eq!(wait_of(&breakers, "acme"), Some(5));
        advance(Duration::from_secs(5)).await;
        let trial = breakers.permit(&"acme").expect("another is let through");
        drop(abandoned);
        assert_eq!(wait_of(&breakers, "acme"), Some(5), "the other still tries");
        trial.succeeded();
        assert_eq!(wait_of(&breakers, "acme"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_was_not_made_leaves_the_next_call_to_try() {
        let breakers = breakers(8);
        fail(&breakers, "acme", 3);
        advance(Duration::from_secs(10)).await;
        drop(breakers.permit(&"acme").expect("the trial is let through"));
        breakers
            .permit(&"acme")
            .expect("the next call tries at once")
            .failed();
        assert_eq!(wait_of(&breakers, "acme"), Some(20), "it counts as a trial");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_was_not_made_does_not_end_a_pause() {
        let breakers = breakers(8);
        let early = breakers.permit(&"acme").expect("the breaker is closed");
        fail(&breakers, "acme", 3);
        drop(early);
        assert_eq!(wait_of(&breakers, "acme"), Some(10));
    }

    #[tokio::test(start_paused = true)]
    async fn the_key_that_failed_longest_ago_makes_room() {
        let breakers = breakers(2);
        for key in ["first", "second", "third"] {
            fail(&breakers, key, 3);
            advance(Duration::from_secs(1)).await;
        }
        assert_eq!(wait_of(&breakers, "first"), None);
        assert!(wait_of(&breakers, "second").is_some());
        assert!(wait_of(&breakers, "third").is_some());
    }
}

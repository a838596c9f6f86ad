//! Answers that are believed for a while: what exists for long, what does not for a moment.

use std::{
    hash::Hash,
    sync::Arc,
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache, ops::compute::Op};
use voxanne_problem::Problem;

/// What exists may be changed elsewhere.
const FOUND: Duration = Duration::from_secs(30);
/// What does not exist may have been made just now.
const NOT_FOUND: Duration = Duration::from_secs(5);
const CAPACITY: u64 = 10_000;
/// Between two questions about one key, however many doubt the answer.
const PAUSE: Duration = Duration::from_secs(1);

/// Answers by key; one question is asked however many wait for it, and a failure is not kept.
pub(super) struct Fading<V>(Cache<String, Answer<V>>);

/// What was found, and when it was asked for.
#[derive(Clone)]
struct Answer<V> {
    found: Option<V>,
    asked: tokio::time::Instant,
}

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
        let answer = self.0.try_get_with_by_ref(key, asked(ask)).await;
        // Whatever kept the answer away, the same question may be answered in a moment.
        let answer = answer.map_err(|problem: Arc<Problem>| Problem::unavailable(problem))?;
        Ok(answer.found)
    }

    /// An answer that was asked for after `since`. All who doubt what is known wait for the same
    /// question, which is put when the pause after the one before is over.
    pub(super) async fn newer<F>(
        &self,
        key: &str,
        since: tokio::time::Instant,
        ask: F,
    ) -> Result<Option<V>, Problem>
    where
        F: Future<Output = Result<Option<V>, Problem>>,
    {
        let computed = self
            .0
            .entry_by_ref(key)
            .and_try_compute_with(async |known| {
                if let Some(known) = known {
                    let known = known.into_value();
                    if known.asked >= since {
                        return Ok(Op::Nop);
                    }
                    tokio::time::sleep_until(known.asked + PAUSE).await;
                }
                asked(ask).await.map(Op::Put)
            });
        let computed = computed.await.map_err(Problem::unavailable)?;
        Ok(computed
            .into_entry()
            .and_then(|entry| entry.into_value().found))
    }
}

async fn asked<V>(
    ask: impl Future<Output = Result<Option<V>, Problem>>,
) -> Result<Answer<V>, Problem> {
    let asked = tokio::time::Instant::now();
    let found = ask.await?;
    Ok(Answer { found, asked })
}

struct Believed;

impl Believed {
    fn how_long<V>(answer: &Answer<V>) -> Duration {
        if answer.found.is_some() {
            FOUND
        } else {
            NOT_FOUND
        }
    }
}

impl<K: Hash + Eq, V> Expiry<K, Answer<V>> for Believed {
    fn expire_after_create(&self, _: &K, answer: &Answer<V>, _: Instant) -> Option<Duration> {
        Some(Self::how_long(answer))
    }

    fn expire_after_update(
        &self,
        _: &K,
        answer: &Answer<V>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(Self::how_long(answer))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::future::join_all;
    use tokio::time::Instant;

    use super::*;

    /// Somebody who knows another answer each time.
    #[derive(Default)]
    struct Oracle(AtomicU32);

    impl Oracle {
        async fn says(&self) -> Result<Option<u32>, Problem> {
            Ok(Some(self.0.fetch_add(1, Ordering::SeqCst) + 1))
        }

        fn asked(&self) -> u32 {
            self.0.load(Ordering::SeqCst)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_doubt_share_one_question_a_second() {
        let (answers, oracle) = (Fading::default(), Oracle::default());
        for _ in 0..3 {
            let known = answers.get("a", oracle.says()).await.unwrap();
            assert_eq!(known, Some(1));
        }
        let began = Instant::now();
        let doubt = || answers.newer("a", Instant::now(), oracle.says());
        for round in 1..=3 {
            tokio::time::advance(Duration::from_millis(1)).await;
            let told = join_all((0..100).map(|_| doubt())).await;
            assert!(
                told.iter()
                    .all(|one| *one.as_ref().unwrap() == Some(round + 1))
            );
            assert_eq!(oracle.asked(), round + 1);
            assert!(began.elapsed() >= PAUSE * round);
        }
        assert_eq!(answers.get("a", oracle.says()).await.unwrap(), Some(4));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_asked_for_just_now_is_not_asked_for_again() {
        let (answers, oracle) = (Fading::default(), Oracle::default());
        let since = Instant::now();
        assert_eq!(answers.get("a", oracle.says()).await.unwrap(), Some(1));
        let newer = answers.newer("a", since, oracle.says()).await.unwrap();
        assert_eq!((newer, oracle.asked()), (Some(1), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_not_kept_and_the_earlier_answer_is() {
        let (answers, oracle) = (Fading::default(), Oracle::default());
        assert_eq!(answers.get("a", oracle.says()).await.unwrap(), Some(1));
        tokio::time::advance(PAUSE).await;
        let fails = async { Err(Problem::unavailable("away")) };
        let failed = answers.newer("a", Instant::now(), fails).await;
        assert_eq!(failed.unwrap_err().reason, "UNAVAILABLE");
        assert_eq!(answers.get("a", oracle.says()).await.unwrap(), Some(1));
        let doubted = answers.newer("a", Instant::now(), oracle.says()).await;
        assert_eq!(doubted.unwrap(), Some(2));
    }
}

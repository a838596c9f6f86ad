//! Whether a process should get requests, and what it is missing.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

/// How often a dependency is asked.
const EVERY: Duration = Duration::from_secs(1);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// A dependency that is needed may be silent this long before the process stops being ready.
const SILENCE: Duration = Duration::from_secs(5);

/// What it means that a dependency is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing can be accepted without it.
    Required,
    /// The process does less, or does it slower.
    Helpful,
}

#[derive(Debug)]
struct Dependency {
    name: &'static str,
    need: Need,
    answered: Option<Instant>,
    up: bool,
}

#[derive(Debug, Default)]
struct State {
    listening: bool,
    draining: bool,
    dependencies: Vec<Dependency>,
}

/// What a process depends on, as far as it was last seen.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Mutex<State>>);

impl Readiness {
    /// From here on requests find somebody. Called when a server starts to serve, after everything
    /// that the process depends on was named.
    pub fn listen(&self) {
        self.state(|state| state.listening = true);
    }

    /// From here on the process says that it is not ready.
    pub fn drain(&self) {
        self.state(|state| state.draining = true);
    }

    /// Asks after `name` with `check` until `shutdown`. The process depends on it from this call on,
    /// not only from the first poll: a process must not look ready before it has looked.
    pub fn watch<F, C>(
        self,
        name: &'static str,
        need: Need,
        check: C,
        shutdown: CancellationToken,
    ) -> impl Future<Output = ()> + use<F, C>
    where
        F: Future<Output = bool>,
        C: Fn() -> F,
    {
        let place = self.state(|state| {
            state.dependencies.push(Dependency {
                name,
                need,
                answered: None,
                up: false,
            });
            state.dependencies.len() - 1
        });
        async move {
            while !shutdown.is_cancelled() {
                let up = tokio::time::timeout(PATIENCE, check())
                    .await
                    .unwrap_or(false);
                self.state(|state| state.dependencies[place].note(up));
                shutdown
                    .run_until_cancelled(tokio::time::sleep(EVERY))
                    .await;
            }
        }
    }

    /// Whether to send requests here.
    pub fn is_ready(&self) -> bool {
        self.state(|state| {
            state.listening
                && !state.draining
                && state.dependencies.iter().all(|dependency| {
                    dependency.need == Need::Helpful
                        || dependency.answered.is_some_and(|at| at.elapsed() < SILENCE)
                })
        })
    }

    /// The state of each dependency as JSON.
    pub fn report(&self) -> serde_json::Value {
        let ready = self.is_ready();
        self.state(|state| {
            let dependencies: serde_json::Map<_, _> = state
                .dependencies
                .iter()
                .map(|dependency| (dependency.name.to_owned(), dependency.word().into()))
                .collect();
            serde_json::json!({
                "ready": ready,
                "listening": state.listening,
                "draining": state.draining,
                "dependencies": dependencies,
            })
        })
    }

    fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Dependency {
    fn note(&mut self, up: bool) {
        self.up = up;
        if up {
            self.answered = Some(Instant::now());
        }
    }

    const fn word(&self) -> &'static str {
        match (self.up, self.need) {
            (true, _) => "up",
            (false, Need::Helpful) => "degraded",
            (false, Need::Required) => "down",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_ready_only_while_it_takes_requests() {
        let readiness = Readiness::default();
        assert!(!readiness.is_ready(), "it does not listen yet");
        readiness.listen();
        assert!(readiness.is_ready());
        readiness.drain();
        assert!(!readiness.is_ready());
    }

    #[tokio::test(start_paused = true)]
    async fn a_needed_dependency_counts_from_the_moment_it_is_named() {
        let (readiness, stop) = (Readiness::default(), CancellationToken::new());
        readiness.listen();
        assert!(readiness.is_ready());
        let watching =
            readiness
                .clone()
                .watch("postgres", Need::Required, async || true, stop.clone());
        assert!(!readiness.is_ready(), "nobody has asked Postgres yet");
        let watching = tokio_util::task::TaskTracker::new().spawn(watching);
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(readiness.is_ready());
        readiness.drain();
        assert!(!readiness.is_ready());
        stop.cancel();
        watching.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_helpful_dependency_that_is_away_degrades_only() {
        let (readiness, stop) = (Readiness::default(), CancellationToken::new());
        readiness.listen();
        let watching =
            readiness
                .clone()
                .watch("redis", Need::Helpful, async || false, stop.clone());
        let watching = tokio_util::task::TaskTracker::new().spawn(watching);
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(readiness.is_ready());
        assert_eq!(readiness.report()["dependencies"]["redis"], "degraded");
        stop.cancel();
        watching.await.unwrap();
    }
}

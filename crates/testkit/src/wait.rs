//! Waiting for a condition instead of for a time.

use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(10);

/// Waits until `holds`, and fails the test when it never does.
pub async fn eventually<F>(what: &str, holds: impl FnMut() -> F)
where
    F: Future<Output = bool>,
{
    eventually_within(PATIENCE, what, holds).await;
}

/// Waits longer than usual, for work that is known to be long.
pub async fn eventually_within<F>(patience: Duration, what: &str, mut holds: impl FnMut() -> F)
where
    F: Future<Output = bool>,
{
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < patience, "never happened: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

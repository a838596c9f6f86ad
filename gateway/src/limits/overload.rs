//! How many requests are worked on at once; those beyond are told at once to come again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use voxanne_problem::{Kind, Problem};
use voxanne_telemetry::names;

use crate::{App, reply::Refusal};

/// How long a request waits for a place: shorter than anybody minds, longer than a hiccup.
const PATIENCE: Duration = Duration::from_millis(20);

/// Places for requests that are worked on.
pub struct Places {
    requests: Line,
    /// Their senders ask once, and callers are on the line: a flood of requests must not take
    /// their places.
    webhooks: Line,
}

struct Line {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    longest: usize,
}

impl Places {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            requests: Line::new(count),
            webhooks: Line::new(count),
        }
    }

    /// Where the request for `path` queues. Probes and operators never do.
    fn line(&self, path: &str) -> Option<&Line> {
        if matches!(path, "/healthz" | "/readyz") || path.starts_with("/api/internal/") {
            return None;
        }
        let is_webhook = path.starts_with("/api/webhooks/") || path.starts_with("/api/vapi/");
        Some(if is_webhook {
            &self.webhooks
        } else {
            &self.requests
        })
    }
}

impl Line {
    fn new(count: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(count)),
            waiting: AtomicUsize::new(0),
            longest: count,
        }
    }

    async fn take(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Some(place);
        }
        let _waiting = Waiting::stand(&self.waiting, self.longest)?;
        let place = self.places.clone().acquire_owned();
        tokio::time::timeout(PATIENCE, place).await.ok()?.ok()
    }
}

/// Somebody in the queue; also one who leaves it early is counted off.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn stand(waiting: &'a AtomicUsize, longest: usize) -> Option<Self> {
        let one = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < longest).then_some(one)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Works on as many requests as there are places for.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(line) = app.places.line(request.uri().path()) else {
        return next.run(request).await;
    };
    match line.take().await {
        Some(_place) => next.run(request).await,
        None => {
            metrics::counter!(names::LIMITED, "limit" => "overload").increment(1);
            Refusal::from(overloaded()).into_response()
        }
    }
}

fn overloaded() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "OVERLOADED",
        "more is asked at this moment than can be answered",
    )
    .retry_after(Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_full_house_has_a_short_queue_and_then_refuses() {
        let line = Line::new(2);
        let one = line.take().await.unwrap();
        let two = line.take().await.unwrap();
        let started = tokio::time::Instant::now();
        let (three, four, five) = tokio::join!(line.take(), line.take(), line.take());
        assert!(three.is_none() && four.is_none() && five.is_none());
        assert_eq!(started.elapsed(), PATIENCE);
        assert_eq!(line.waiting.load(Ordering::Relaxed), 0);
        let (three, ()) = tokio::join!(line.take(), async { drop(one) });
        assert!(three.is_some(), "who waits gets the place that is left");
        drop((two, three));
    }

    #[test]
    fn webhooks_and_probes_do_not_queue_with_the_others() {
        let places = Places::new(1);
        let line = |path| places.line(path).map(|line| &raw const *line);
        assert_eq!(line("/healthz"), None);
        assert_eq!(line("/readyz"), None);
        assert_eq!(
            line("/api/webhooks/vapi"),
            line("/api/vapi/tools/hold-slot")
        );
        assert_ne!(line("/api/webhooks/vapi"), line("/api/auth/login"));
        assert_eq!(line("/frontend/stream"), line("/api/auth/login"));
    }
}

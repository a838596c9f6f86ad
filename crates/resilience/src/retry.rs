//! A second and a third attempt within one request.

use std::{future::Future, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};
use tonic::{Code, Status};

use crate::breaker::is_refusal;

/// Attempts after the first.
const RETRIES: usize = 2;
const SHORTEST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_millis(200);

/// Makes a call that may safely be made twice, again when the answer was UNAVAILABLE: a restarting
/// server refuses connections for some milliseconds.
///
/// An answer from an open breaker is final. Only one layer of a request's way may retry, or the
/// attempts multiply.
pub async fn retry_idempotent<T, F, Fut>(call: F) -> Result<T, Status>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, Status>>,
{
    let pauses = ExponentialBuilder::default()
        .with_min_delay(SHORTEST)
        .with_max_delay(LONGEST)
        .with_max_times(RETRIES)
        .with_jitter();
    call.retry(pauses)
        .when(is_worth_another_attempt)
        .notify(|status, pause| {
            tracing::debug!(code = ?status.code(), ?pause, "the call is made again");
        })
        .await
}

fn is_worth_another_attempt(status: &Status) -> bool {
    status.code() == Code::Unavailable && !is_refusal(status)
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    async fn attempts(status: impl Fn() -> Status) -> usize {
        let attempts = Cell::new(0);
        let outcome: Result<(), Status> = retry_idempotent(|| {
            attempts.set(attempts.get() + 1);
            let answer = Err(status());
            async { answer }
        })
        .await;
        assert!(outcome.is_err());
        attempts.get()
    }

    #[tokio::test(start_paused = true)]
    async fn only_an_unavailable_server_is_asked_again() {
        assert_eq!(
            attempts(|| Status::unavailable("restarting")).await,
            1 + RETRIES
        );
        assert_eq!(attempts(|| Status::deadline_exceeded("slow")).await, 1);
        assert_eq!(attempts(|| Status::aborted("taken")).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_success_counts() {
        let answers = [
            Err(Status::unavailable("")),
            Err(Status::unavailable("")),
            Ok("served"),
        ];
        let answers = RefCell::new(answers.into_iter());
        let outcome = retry_idempotent(|| {
            let answer = answers
                .borrow_mut()
                .next()
                .expect("one answer for each attempt");
            async { answer }
        })
        .await;
        assert_eq!(outcome.ok(), Some("served"));
    }
}

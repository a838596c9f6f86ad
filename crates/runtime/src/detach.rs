//! Work that was begun is finished, whether or not the client still waits.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use tokio_util::task::TaskTracker;
use tonic::Status;
use tower::{Layer, Service};
use tracing::Instrument as _;
use voxanne_problem::Problem;

/// Runs each call on a tracked task.
///
/// tonic drops a handler when its client goes away or its deadline passes. A database future that
/// is dropped half-way can leave its transaction, and with it a tenant's scope, on a pooled
/// connection; Postgres' own timeouts end long statements instead. A handler that panics answers
/// INTERNAL, and the process lives.
#[derive(Clone, Debug)]
pub(crate) struct DetachLayer(pub(crate) TaskTracker);

impl<S> Layer<S> for DetachLayer {
    type Service = Detach<S>;

    fn layer(&self, inner: S) -> Detach<S> {
        Detach {
            inner,
            tasks: self.0.clone(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Detach<S> {
    inner: S,
    tasks: TaskTracker,
}

impl<S, B, R> Service<http::Request<B>> for Detach<S>
where
    S: Service<http::Request<B>, Response = http::Response<R>, Error = Infallible>,
    S::Future: Send + 'static,
    R: Default + Send + 'static,
{
    type Response = http::Response<R>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<R>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let work = self.tasks.spawn(self.inner.call(request).in_current_span());
        Box::pin(async move {
            match work.await {
                Ok(answer) => answer,
                // What it said may repeat a patient's name, so it is not asked.
                Err(_panic) => Ok(Status::from(Problem::internal("an rpc panicked")).into_http()),
            }
        })
    }
}

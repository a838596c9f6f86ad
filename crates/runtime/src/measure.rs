//! How long each rpc takes and how it ends.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use tower::{Layer, Service};

/// Status codes as gRPC writes them.
const UNIMPLEMENTED: &str = "12";
const UNAUTHENTICATED: &str = "16";

#[derive(Clone, Copy, Debug)]
pub(crate) struct MeasureLayer;

impl<S> Layer<S> for MeasureLayer {
    type Service = Measure<S>;

    fn layer(&self, inner: S) -> Measure<S> {
        Measure(inner)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Measure<S>(S);

impl<S, B, R> Service<http::Request<B>> for Measure<S>
where
    S: Service<http::Request<B>, Response = http::Response<R>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        // Paths come from our contract, so their number is bounded; unknown ones share a label.
        let rpc = request.uri().path().to_owned();
        let started = Instant::now();
        let answer = self.0.call(request);
        Box::pin(async move {
            let answer = answer.await;
            if let Ok(response) = &answer {
                // A status in the headers is an early end; a later one is in the trailers.
                let code = response
                    .headers()
                    .get("grpc-status")
                    .and_then(|code| code.to_str().ok())
                    .map_or_else(|| "0".to_owned(), str::to_owned);
                // A stranger may make paths up, and each would be a series of its own.
                let made_up = matches!(&*code, UNIMPLEMENTED | UNAUTHENTICATED);
                let rpc = if made_up { "unknown".to_owned() } else { rpc };
                metrics::histogram!(
                    voxanne_telemetry::names::GRPC_REQUEST_SECONDS, "rpc" => rpc, "code" => code
                )
                .record(started.elapsed());
            }
            answer
        })
    }
}

//! Messages that cannot be read are their sender's fault.
//!
//! The gRPC library answers a message that it cannot decode like a bug of the server's, and one that is
//! too long like a page behind the last. Neither bears the details that each refusal of ours has.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http::{HeaderMap, HeaderValue};
use tower::{Layer, Service};

const STATUS: &str = "grpc-status";
const DETAILS: &str = "grpc-status-details-bin";
/// Status codes as gRPC writes them.
const INVALID_ARGUMENT: HeaderValue = HeaderValue::from_static("3");
const RESOURCE_EXHAUSTED: HeaderValue = HeaderValue::from_static("8");
const OUT_OF_RANGE: &str = "11";
const INTERNAL: &str = "13";

#[derive(Clone, Copy, Debug)]
pub(crate) struct GarbledLayer;

impl<S> Layer<S> for GarbledLayer {
    type Service = Garbled<S>;

    fn layer(&self, inner: S) -> Garbled<S> {
        Garbled(inner)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Garbled<S>(S);

impl<S, B, R> Service<http::Request<B>> for Garbled<S>
where
    S: Service<http::Request<B>, Response = http::Response<R>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let answer = self.0.call(request);
        Box::pin(async move {
            let mut answer = answer.await?;
            correct(answer.headers_mut());
            Ok(answer)
        })
    }
}

fn correct(headers: &mut HeaderMap) {
    if headers.contains_key(DETAILS) {
        return;
    }
    let code = headers.get(STATUS).and_then(|code| code.to_str().ok());
    let right = match code {
        Some(OUT_OF_RANGE) => RESOURCE_EXHAUSTED,
        Some(INTERNAL) => INVALID_ARGUMENT,
        _ => return,
    };
    headers.insert(STATUS, right);
}

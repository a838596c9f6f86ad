//! A circuit breaker around a gRPC client: the one place that knows tower-resilience.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use metrics::{counter, gauge};
use tonic::{
    Code, Status,
    body::Body,
    metadata::{MetadataMap, MetadataValue},
};
use tower::{BoxError, Layer as _, Service, ServiceExt as _, util::BoxCloneSyncService};
use tower_resilience::circuitbreaker::{CircuitBreakerError, CircuitBreakerLayer, CircuitState};
use voxanne_problem::Problem;
use voxanne_telemetry::names;

pub(crate) type GrpcRequest = ::http::Request<Body>;
pub(crate) type GrpcResponse = ::http::Response<Body>;
type Inner = BoxCloneSyncService<GrpcRequest, GrpcResponse, BoxError>;

/// Marks an answer that the breaker gave in the server's place.
const REFUSED_BY_BREAKER: &str = "x-voxanne-breaker";

/// So many failures in a row, over all callers, open the breaker. A server that answers every
/// second call is still worth asking; one that is gone fails them all.
const FAILURES: usize = 5;
/// How long an open breaker refuses before it lets two calls try.
const OPEN_FOR: Duration = Duration::from_secs(2);

/// A gRPC client service behind a breaker: while it is open, calls are answered with UNAVAILABLE
/// at once and the server is left alone. Clones share one breaker.
#[derive(Clone)]
pub struct Guarded {
    service: Inner,
}

/// Puts a breaker around `service`; `name` says in logs and metrics what it protects.
pub fn guard<S>(name: &'static str, service: S) -> Guarded
where
    S: Service<GrpcRequest, Response = GrpcResponse> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    guard_for(name, OPEN_FOR, service)
}

fn guard_for<S>(name: &'static str, open_for: Duration, service: S) -> Guarded
where
    S: Service<GrpcRequest, Response = GrpcResponse> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    gauge!(names::BREAKER_OPEN, "breaker" => name).set(0.0);
    let layer = CircuitBreakerLayer::builder()
        .name(name)
        .consecutive_failures(FAILURES)
        .wait_duration_in_open(open_for)
        .permitted_calls_in_half_open(2)
        .failure_classifier(|outcome: &Result<GrpcResponse, BoxError>| in_trouble(outcome))
        .on_state_transition(move |from, to| record_transition(name, from, to))
        .build()
        .expect("the settings are constants within the allowed ranges");
    let inner: Inner = BoxCloneSyncService::new(service.map_err(Into::into));
    let service = layer.layer(inner).map_result(
        move |outcome: Result<GrpcResponse, CircuitBreakerError<BoxError>>| match outcome {
            Ok(response) => Ok(response),
            Err(CircuitBreakerError::OpenCircuit) => {
                counter!(names::BREAKER_REFUSED, "breaker" => name).increment(1);
                Ok(refusal(name).into_http())
            }
            Err(CircuitBreakerError::Inner(error)) => Err(error),
        },
    );
    Guarded {
        service: BoxCloneSyncService::new(service),
    }
}

impl Service<GrpcRequest> for Guarded {
    type Response = GrpcResponse;
    type Error = BoxError;
    type Future = <Inner as Service<GrpcRequest>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: GrpcRequest) -> Self::Future {
        self.service.call(request)
    }
}

/// Whether `status` was given by an open breaker: trying again at once is then pointless.
pub(crate) fn is_refusal(status: &Status) -> bool {
    status.metadata().contains_key(REFUSED_BY_BREAKER)
}

fn refusal(name: &'static str) -> Status {
    let mut marks = MetadataMap::new();
    marks.insert(REFUSED_BY_BREAKER, MetadataValue::from_static("open"));
    Status::with_metadata(
        Code::Unavailable,
        format!("`{name}` is not reachable"),
        marks,
    )
}

fn record_transition(name: &'static str, from: CircuitState, to: CircuitState) {
    tracing::warn!(breaker = name, ?from, ?to, "the breaker changed its state");
    let open = if to == CircuitState::Open { 1.0 } else { 0.0 };
    gauge!(names::BREAKER_OPEN, "breaker" => name).set(open);
}

/// Whether an outcome says that the server itself is in trouble.
///
/// No connection, `UNAVAILABLE` (it, or the database under it, cannot serve) and
/// `DEADLINE_EXCEEDED` (it is too slow) are about the server, and so about every caller. The others
/// are about one request: `INTERNAL` and `UNKNOWN` come from a bug that one request may trigger
/// again and again, and `RESOURCE_EXHAUSTED` is one organisation's limit; opening for them would
/// turn one caller's trouble into everybody's. A server that says `BUSY` says so at once and serves
/// others meanwhile: an open breaker would make a moment's queue an outage.
fn in_trouble(outcome: &Result<GrpcResponse, BoxError>) -> bool {
    let Ok(response) = outcome else {
        return true;
    };
    let Some(status) = Status::from_header_map(response.headers()) else {
        return false;
    };
    match status.code() {
        Code::Unavailable => Problem::from(status).reason != "BUSY",
        code => code == Code::DeadlineExceeded,
    }
}

#[cfg(test)]
mod tests;

//! The fleet's gRPC connection.

use std::{
    future::{Future, ready},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use ::http::HeaderMap;
use anyhow::Context as _;
use tonic::{Status, transport::Endpoint};
use tonic_tracing_opentelemetry::middleware::client::OtelGrpcLayer;
use tower::{BoxError, Layer as _, Service};

use crate::breaker::{GrpcRequest, GrpcResponse, Guarded, guard};

/// A clonable connection to one service, for `BookingServiceClient::new(client)`.
///
/// It connects when first used and again after a loss, sends the trace on, and stands behind a
/// breaker that all clones share. The deadline of a call is the request's own: see
/// `voxanne_tenant::Outbound`.
#[derive(Clone)]
pub struct Client {
    guarded: Guarded,
}

/// Makes the connection to the service called `name` at `uri`; it has to be called inside a Tokio
/// runtime. A service that is not there yet is no error: its calls answer UNAVAILABLE.
pub fn grpc_channel(name: &'static str, uri: &str) -> anyhow::Result<Client> {
    let channel = Endpoint::from_shared(uri.to_owned())
        .with_context(|| format!("the address of `{name}` is not a URI"))?
        .connect_timeout(Duration::from_secs(1))
        .tcp_keepalive(Some(Duration::from_secs(30)))
        .http2_keep_alive_interval(Duration::from_secs(10))
        .keep_alive_timeout(Duration::from_secs(5))
        .keep_alive_while_idle(true)
        .connect_lazy();
    Ok(Client {
        guarded: guard(name, OtelGrpcLayer.layer(channel)),
    })
}

impl Service<GrpcRequest> for Client {
    type Response = GrpcResponse;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<GrpcResponse, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.guarded.poll_ready(cx)
    }

    fn call(&mut self, request: GrpcRequest) -> Self::Future {
        if has_time_left(request.headers()) {
            return Box::pin(self.guarded.call(request));
        }
        // The caller's time ran out before the call: the server, and its breaker, have no part
        // in that.
        let late = Status::deadline_exceeded("no time was left for the call");
        Box::pin(ready(Ok(late.into_http())))
    }
}

/// A `grpc-timeout` is digits and a unit; zeros alone mean that the time is up.
fn has_time_left(headers: &HeaderMap) -> bool {
    let Some(limit) = headers.get("grpc-timeout") else {
        return true;
    };
    limit
        .as_bytes()
        .iter()
        .any(|byte| matches!(byte, b'1'..=b'9'))
}

//! How long each route takes and how it ends, and the span its logs stand in.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;
use voxanne_telemetry::names;

use crate::request_id;

pub(crate) async fn layer(request: Request, next: Next) -> Response {
    // The route and not the path: paths hold ids, and every label value is kept for ever.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => {
            known.to_owned()
        }
        _ => "other".to_owned(),
    };
    let started = Instant::now();
    let span = tracing::info_span!(
        "http.request",
        { names::REQUEST_ID } = request_id::current()
    );
    let response = next.run(request).instrument(span).await;
    let status = response.status().as_u16().to_string();
    metrics::histogram!(
        names::HTTP_REQUEST_SECONDS, "method" => method, "route" => route, "status" => status
    )
    .record(started.elapsed());
    response
}

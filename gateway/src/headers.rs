//! Headers that every answer bears, for browsers.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use tower_http::cors::CorsLayer;

use crate::{App, config::Origins, idempotency, limits};

/// How long a browser may remember that an origin is allowed.
const PREFLIGHT_FOR: Duration = Duration::from_secs(600);
/// A year, as the lists that browsers ship with want it.
const ONLY_HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");
/// Of answers that no browser shows as a page.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
/// Of the reference page, which styles itself.
const OWN_PARTS: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);
const EVERYWHERE: [(HeaderName, HeaderValue); 5] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Which pages may call, and what they get to see of an answer.
pub(crate) fn cors(origins: &Origins) -> CorsLayer {
    let name = HeaderName::from_static;
    CorsLayer::new()
        .allow_origin(origins.as_slice().to_vec())
        .allow_credentials(true)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            name("idempotency-key"),
            name("x-idempotency-key"),
            name("x-request-id"),
            name("traceparent"),
        ])
        .expose_headers([
            header::RETRY_AFTER,
            name("x-request-id"),
            idempotency::REPLAYED,
            limits::LIMIT,
            limits::REMAINING,
            limits::RESET,
        ])
        .max_age(PREFLIGHT_FOR)
}

pub(crate) async fn security(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_page = request.uri().path().starts_with("/docs");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in EVERYWHERE {
        headers.entry(name).or_insert(value);
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(if is_page { OWN_PARTS } else { NOTHING });
    if app.config.public_url.scheme() == "https" {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONLY_HTTPS);
    }
    response
}

pub(crate) async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

//! The routes and the layers around them, outermost last.

use std::time::Duration;

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next, from_fn, from_fn_with_state},
    response::Response,
};
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, cors::CorsLayer,
    limit::RequestBodyLimitLayer, timeout::TimeoutLayer,
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    App, config::Origins, idempotency, measure, openapi, reply, request_id, routes, stream, tenant,
    webhooks,
};

/// What a request may take in all; a service is told a shorter time.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Every body that a person's client sends fits in; webhooks have a limit of their own.
const LARGEST_BODY: usize = 256 * 1024;
/// How long a browser may remember that an origin is allowed.
const PREFLIGHT_FOR: Duration = Duration::from_secs(600);

/// Everything the gateway answers.
pub fn router(app: App) -> Router {
    // An organisation's routes: the token first, then the organisation in the path, then the key.
    let named = plain(routes::of_org())
        .layer(from_fn_with_state(app.clone(), idempotency::layer))
        .layer(from_fn_with_state(app.clone(), tenant::enter_named));
    // Routes whose organisation is the token's.
    let own = plain(routes::of_token())
        .layer(from_fn_with_state(app.clone(), idempotency::layer))
        .layer(from_fn_with_state(app.clone(), tenant::enter_own));
    // A session's own routes change nothing that a key protects.
    let session =
        plain(routes::of_session()).layer(from_fn_with_state(app.clone(), tenant::enter_own));
    let api = Router::new()
        .nest(openapi::ORG_PATH, named)
        .merge(own)
        .merge(session)
        .merge(plain(routes::open()))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY));
    let all = api
        // Providers and sockets bring their own proof and their own limits.
        .merge(plain(webhooks::router()))
        .merge(plain(stream::router()))
        .layer(from_fn(no_store))
        .merge(openapi::pages(&app));
    around(all, &app).with_state(app)
}

fn plain(routes: OpenApiRouter<App>) -> Router<App> {
    routes.split_for_parts().0
}

/// The layers that every answer passes, also a 404 and a panic's.
fn around(routes: Router<App>, app: &App) -> Router<App> {
    routes
        .layer(CompressionLayer::new())
        // An answer that takes too long, or panics, becomes an answer all the same.
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            TIMEOUT,
        ))
        .layer(CatchPanicLayer::custom(reply::panicked))
        // Whatever a library refused gets the form of our own refusals.
        .layer(middleware::map_response(reply::unify))
        .layer(from_fn(security_headers))
        .layer(cors(&app.config.allowed_origins))
        .layer(from_fn(measure::layer))
        .layer(OtelAxumLayer::default().filter(is_traced))
        // Outermost, so that everything inside knows the request's name.
        .layer(from_fn(request_id::layer))
}

fn is_traced(path: &str) -> bool {
    !matches!(path, "/healthz" | "/readyz")
}

fn cors(origins: &Origins) -> CorsLayer {
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
        ])
        .max_age(PREFLIGHT_FOR)
}

async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::X_FRAME_OPTIONS)
        .or_insert(HeaderValue::from_static("DENY"));
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    response
}

async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

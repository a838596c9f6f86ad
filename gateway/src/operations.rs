//! What operators, probes and the dashboard's start-up ask.

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use voxanne_problem::{Kind, Problem};

use crate::{App, auth::Stats, reply::Refusal};

/// The process turns.
#[utoipa::path(get, path = "/healthz", tag = "operations",
    responses((status = 200, description = "ok", body = String)))]
pub(crate) async fn healthz() -> &'static str {
    "ok"
}

/// What this process depends on; 503 only while it stops.
#[utoipa::path(get, path = "/readyz", tag = "operations", responses(
    (status = 200, description = "Send requests here", body = Value),
    (status = 503, description = "Send requests elsewhere", body = Value)))]
pub(crate) async fn readyz(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let status = if app.process.readiness.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(app.process.readiness.report()))
}

/// What the dashboard needs to know before it starts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RuntimeConfig {
    /// Where the API is, without a slash at the end.
    api_url: String,
    /// Where the live updates are.
    stream_url: String,
    version: &'static str,
}

/// The dashboard's runtime configuration.
#[utoipa::path(get, path = "/config.json", tag = "operations",
    responses((status = 200, description = "The configuration", body = RuntimeConfig)))]
pub(crate) async fn config(State(app): State<App>) -> Json<RuntimeConfig> {
    let api_url = app
        .config
        .public_url
        .as_str()
        .trim_end_matches('/')
        .to_owned();
    // http becomes ws and https becomes wss.
    let stream_url = format!("{}/frontend/stream", api_url.replacen("http", "ws", 1));
    Json(RuntimeConfig {
        api_url,
        stream_url,
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// How well the cache of verified tokens works.
#[utoipa::path(get, path = "/api/internal/auth-cache-stats", tag = "operations",
    security(("operator" = [])), responses(
    (status = 200, description = "The counts since the start", body = Stats),
    (status = 401, description = "OPERATOR_TOKEN_INVALID")))]
pub(crate) async fn auth_cache_stats(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<Stats>, Refusal> {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.strip_prefix("Bearer "))
        .unwrap_or_default();
    if !same(given, app.config.operator_token.expose_secret()) {
        return Err(Problem::new(
            Kind::Unauthenticated,
            "OPERATOR_TOKEN_INVALID",
            "this needs the operator's token",
        )
        .into());
    }
    Ok(Json(app.auth.stats().await))
}

/// Compares digests, so that neither content nor length shows in the time it takes.
fn same(given: &str, expected: &str) -> bool {
    let hash = |text: &str| digest::digest(&digest::SHA256, text.as_bytes());
    verify_slices_are_equal(hash(given).as_ref(), hash(expected).as_ref()).is_ok()
}

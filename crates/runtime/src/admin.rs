//! The address operators and probes use; never reachable from outside.

use std::net::SocketAddr;

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use tokio_util::sync::CancellationToken;
use voxanne_telemetry::Prometheus;

use crate::{Process, Readiness};

pub(crate) async fn start(
    process: &Process,
    metrics: Prometheus,
    addr: SocketAddr,
    end: CancellationToken,
) -> anyhow::Result<()> {
    let listener = process.bind("admin", addr).await?;
    let router = Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(readyz))
        .with_state(process.readiness.clone())
        .route("/metrics", get(async move || metrics.render()));
    let serving = axum::serve(listener, router).with_graceful_shutdown(end.cancelled_owned());
    process.tasks.spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "admin server failed");
        }
    });
    Ok(())
}

async fn readyz(State(readiness): State<Readiness>) -> impl IntoResponse {
    let status = if readiness.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness.report()))
}

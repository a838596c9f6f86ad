//! The gRPC server every service runs behind the same layers.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{
    service::Routes,
    transport::{Server, server::TcpIncoming},
};
use tonic_health::{ServingStatus, server::HealthReporter};
use tonic_tracing_opentelemetry::middleware::{filters, server::OtelGrpcLayer};
use voxanne_tenant::{ContextLayer, Keys};

use crate::{
    Process, Readiness, detach::DetachLayer, garbled::GarbledLayer, measure::MeasureLayer,
};

/// Calls in flight on one connection; more wait in HTTP/2's own flow control.
const CALLS_PER_CONNECTION: u32 = 1024;
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Says over gRPC what `/readyz` says over HTTP, so that a caller learns it from the connection.
async fn tell(health: HealthReporter, readiness: Readiness, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        let status = match readiness.is_ready() {
            true => ServingStatus::Serving,
            false => ServingStatus::NotServing,
        };
        health.set_service_status("", status).await;
        shutdown
            .run_until_cancelled(tokio::time::sleep(TELL_EVERY))
            .await;
    }
    health
        .set_service_status("", ServingStatus::NotServing)
        .await;
}

/// Serves `routes` on `listener` until the process stops, with health and reflection beside them.
///
/// Every call is traced, measured, finished even if its client leaves, and has a verified context
/// before its handler sees it.
pub async fn serve_grpc(
    process: &Process,
    listener: TcpListener,
    keys: Keys,
    routes: Routes,
) -> anyhow::Result<()> {
    let (health, health_service) = tonic_health::server::health_reporter();
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(voxanne_proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()?;
    process.readiness.listen();
    process.spawn(
        "tell-health",
        tell(health, process.readiness.clone(), process.shutdown.clone()),
    );
    let stopped = process.shutdown.clone();
    Server::builder()
        .max_concurrent_streams(CALLS_PER_CONNECTION)
        .layer(OtelGrpcLayer::default().filter(filters::reject_healthcheck))
        .layer(MeasureLayer)
        .layer(ContextLayer::new(
            keys,
            process.clock.clone(),
            process.service,
        ))
        .layer(GarbledLayer)
        .layer(DetachLayer(process.tasks.clone()))
        .add_routes(routes.add_service(health_service).add_service(reflection))
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            stopped.cancelled_owned(),
        )
        .await?;
    Ok(())
}

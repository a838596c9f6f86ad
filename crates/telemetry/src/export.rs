//! The recorders that send something out of the process: OTLP traces and Sentry reports.

use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use secrecy::{ExposeSecret as _, SecretString};
use sentry::integrations::tracing::{BreadcrumbLayer, ErrorLayer};
use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, Layer, filter::LevelFilter, registry::LookupSpan};

use crate::discreet::Discreet;

/// The propagation layers make their spans at TRACE under `otel::tracing`; the transports are
/// silenced because the exporter's own requests would be traced otherwise, without end.
const TRACED: &str = "info,otel::tracing=trace,h2=off,hyper=off,hyper_util=off,tonic=off,tower=off,reqwest=off,opentelemetry=off";

/// Starts the batch exporter of traces; it needs a Tokio runtime around it.
pub(crate) fn tracer(service: &'static str, endpoint: &str) -> anyhow::Result<SdkTracerProvider> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(Duration::from_secs(3))
        .build()
        .context("the trace exporter does not start")?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(Discreet(exporter))
        .with_resource(Resource::builder().with_service_name(service).build())
        .build();
    opentelemetry::global::set_tracer_provider(provider.clone());
    Ok(provider)
}

/// Turns `tracing` spans into OpenTelemetry spans.
pub(crate) fn tracer_layer<S>(
    service: &'static str,
    provider: &SdkTracerProvider,
) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(service))
        .with_filter(EnvFilter::new(TRACED))
}

/// Starts the Sentry client. Requests, users and local values stay out of the reports.
pub(crate) fn sentry(
    service: &'static str,
    dsn: &SecretString,
) -> anyhow::Result<sentry::ClientInitGuard> {
    // The parse error is dropped: it may quote the DSN, which is a secret.
    let Ok(dsn) = dsn.expose_secret().parse::<sentry::types::Dsn>() else {
        anyhow::bail!("the Sentry DSN does not parse");
    };
    let options = sentry::ClientOptions::new()
        .maybe_release(option_env!("VOXANNE_RELEASE"))
        .server_name(service)
        .send_default_pii(false)
        .traces_sample_rate(0.0);
    Ok(sentry::init((dsn, options)))
}

/// Reports `error!` events, with the `info!` events that led to them.
pub(crate) fn sentry_layer<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    BreadcrumbLayer::new()
        .with_filter(LevelFilter::INFO)
        .and_then(ErrorLayer::new().with_filter(LevelFilter::ERROR))
}

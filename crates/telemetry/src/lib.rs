//! What a process tells about itself: JSON logs, traces, metrics and error reports.
//!
//! Every binary calls [`init`] once, inside its Tokio runtime, before it does anything worth
//! recording, and [`Telemetry::shutdown`] last, from `spawn_blocking`, because flushing blocks.

mod discreet;
mod export;
pub mod names;
pub mod panics;
mod prometheus;
pub mod trace;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SdkTracerProvider};
use secrecy::SecretString;
use tracing_subscriber::{
    EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

pub use prometheus::Prometheus;

/// How long [`Telemetry::shutdown`] may take in all.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);

/// Where records go and which are kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// An `EnvFilter` for the logs on standard output.
    pub log: String,
    /// The OTLP/gRPC collector; without it no traces are made.
    pub otlp_endpoint: Option<String>,
    /// The Sentry project; without it no error reports are sent.
    pub sentry_dsn: Option<SecretString>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            log: "info".to_owned(),
            otlp_endpoint: None,
            sentry_dsn: None,
        }
    }
}

/// The recorders of this process, kept so that they can be read and flushed.
pub struct Telemetry {
    tracer: Option<SdkTracerProvider>,
    sentry: Option<sentry::ClientInitGuard>,
    prometheus: Prometheus,
}

impl Telemetry {
    /// Renders every metric in Prometheus' text format.
    pub fn prometheus(&self) -> String {
        self.prometheus.render()
    }

    /// A clonable reader of the metrics, for a server that outlives this borrow.
    pub fn metrics(&self) -> Prometheus {
        self.prometheus.clone()
    }

    /// Sends what is still buffered, within five seconds. It blocks the calling thread.
    pub fn shutdown(self) {
        let started = Instant::now();
        if let Some(tracer) = self.tracer
            && let Err(error) = tracer.shutdown_with_timeout(FLUSH_LIMIT)
        {
            tracing::warn!(%error, "the last traces were not exported");
        }
        if let Some(sentry) = self.sentry {
            let left = FLUSH_LIMIT.saturating_sub(started.elapsed());
            if !sentry.close(Some(left)) {
                tracing::warn!("the last error reports were not sent");
            }
        }
    }
}

/// Installs the recorders of `service`.
///
/// A process has one subscriber and one metrics recorder: a second call (tests that start several
/// services in one process) reuses them and leaves the first call's settings in force.
pub fn init(service: &'static str, settings: &Settings) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::try_new(&settings.log)
        .with_context(|| format!("`{}` is not a log filter", settings.log))?;
    let (prometheus, first) = prometheus::install(service)?;
    if !first {
        return Ok(Telemetry {
            tracer: None,
            sentry: None,
            prometheus,
        });
    }
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let tracer = settings
        .otlp_endpoint
        .as_deref()
        .map(|endpoint| export::tracer(service, endpoint))
        .transpose()?;
    let sentry = settings
        .sentry_dsn
        .as_ref()
        .map(|dsn| export::sentry(service, dsn))
        .transpose()?;
    let logs = tracing_subscriber::fmt::layer()
        .json()
        // The list already ends with the current span; printing that one twice helps nobody.
        .with_current_span(false)
        .with_span_list(true)
        .with_filter(filter);
    let installed = tracing_subscriber::registry()
        .with(
            tracer
                .as_ref()
                .map(|provider| export::tracer_layer(service, provider)),
        )
        .with(sentry.as_ref().map(|_| export::sentry_layer()))
        .with(logs)
        .try_init();
    if installed.is_err() {
        tracing::debug!("another subscriber was installed first and stays");
    }
    Ok(Telemetry {
        tracer,
        sentry,
        prometheus,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_in_one_process_keeps_the_first_recorders() {
        let first = init("telemetry-test", &Settings::default()).unwrap();
        let second = init("telemetry-test", &Settings::default()).unwrap();
        metrics::counter!(names::EVENTS_APPENDED, "schema" => "test").increment(3);
        metrics::histogram!(names::GRPC_REQUEST_SECONDS).record(0.004);
        for telemetry in [&first, &second] {
            let text = telemetry.prometheus();
            assert!(text.contains("voxanne_events_appended_total{"), "{text}");
            assert!(text.contains("service=\"telemetry-test\""), "{text}");
            assert!(
                text.contains("voxanne_grpc_request_seconds_bucket{"),
                "{text}"
            );
            assert!(
                text.contains("le=\"0.001\"") && text.contains("le=\"10\""),
                "{text}"
            );
        }
        second.shutdown();
        first.shutdown();
    }

    #[test]
    fn a_log_filter_that_does_not_parse_is_named() {
        let settings = Settings {
            log: "info,=,=".to_owned(),
            ..Settings::default()
        };
        let Err(error) = init("telemetry-test", &settings) else {
            panic!("the filter was accepted");
        };
        assert!(error.to_string().contains("info,=,="), "{error}");
    }

    #[test]
    fn a_sentry_dsn_that_does_not_parse_is_not_printed() {
        let error = export::sentry("telemetry-test", &"not a dsn".into())
            .err()
            .expect("a nonsensical DSN is refused");
        assert!(!format!("{error:#}").contains("not a dsn"), "{error:#}");
    }
}

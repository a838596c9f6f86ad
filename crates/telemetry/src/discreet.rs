//! An exporter that keeps back what a client may have written a patient's name into.

use std::time::Duration;

use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

/// Attributes that the instrumentation of HTTP takes from a request as they come. The route and the
/// request's id tell enough.
const KEPT_BACK: [&str; 5] = [
    "url.path",
    "url.query",
    "url.full",
    "user_agent.original",
    "client.address",
];

/// Exports through `E` without the attributes above.
#[derive(Debug)]
pub(crate) struct Discreet<E>(pub(crate) E);

impl<E: SpanExporter> SpanExporter for Discreet<E> {
    fn export(&self, mut batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        for span in &mut batch {
            let tells = |key: &str| !KEPT_BACK.contains(&key);
            span.attributes
                .retain(|attribute| tells(attribute.key.as_str()));
        }
        self.0.export(batch)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

//! Outgoing HTTP: other companies' APIs.

use std::time::Duration;

use ::http::HeaderMap;
use opentelemetry_http::HeaderInjector;
use reqwest::{Client, RequestBuilder, redirect::Policy};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Makes a client whose calls take at most `timeout`, connecting included.
///
/// It follows no redirects: a redirected request would carry an organisation's credentials to
/// wherever the answer points.
pub fn client(user_agent: &str, timeout: Duration) -> reqwest::Result<Client> {
    Client::builder()
        .user_agent(user_agent)
        .connect_timeout(Duration::from_secs(2))
        .timeout(timeout)
        .redirect(Policy::none())
        .build()
}

/// Adds the current span's trace context to `request`.
pub fn with_trace(request: RequestBuilder) -> RequestBuilder {
    let mut headers = HeaderMap::new();
    let context = Span::current().context();
    opentelemetry::global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&context, &mut HeaderInjector(&mut headers));
    });
    request.headers(headers)
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SdkTracerProvider};
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn a_request_carries_the_trace_of_its_span() {
        opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        let layer = tracing_opentelemetry::layer().with_tracer(tracer);
        let subscriber = tracing_subscriber::registry().with(layer);
        let http = client("voxanne-test", Duration::from_secs(1)).expect("the client starts");
        let request = tracing::subscriber::with_default(subscriber, || {
            tracing::info_span!("message.send")
                .in_scope(|| with_trace(http.get("http://localhost/")).build())
        })
        .expect("the request is complete");
        let traceparent = request.headers()["traceparent"].to_str().expect("text");
        assert!(
            traceparent.starts_with("00-") && traceparent.len() == 55,
            "{traceparent}"
        );
    }
}

//! The W3C trace context of a span as text, so that a stored event carries its trace on.

use std::collections::HashMap;

use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

const TRACEPARENT: &str = "traceparent";

/// The `traceparent` of the current span; none outside a trace or when traces are not made.
pub fn current_traceparent() -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut carrier);
    carrier.remove(TRACEPARENT)
}

/// Makes `span` a part of the trace that `traceparent` names.
///
/// It has to be called before the span is entered. A text that is no trace context leaves the
/// span the root of its own trace: a broken header must not break the work it came with.
pub fn continue_from(span: &Span, traceparent: &str) {
    let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    let parent = TraceContextPropagator::new()
        .extract_with_context(&opentelemetry::Context::new(), &carrier);
    if let Err(error) = span.set_parent(parent) {
        tracing::trace!(%error, "the span stays outside the trace it was to continue");
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    const REMOTE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn with_tracer<T>(work: impl FnOnce() -> T) -> T {
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        let layer = tracing_opentelemetry::layer().with_tracer(tracer);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work)
    }

    #[test]
    fn a_span_that_continues_a_trace_hands_that_trace_on() {
        let traceparent = with_tracer(|| {
            let span = tracing::info_span!("event.handle");
            continue_from(&span, REMOTE);
            span.in_scope(current_traceparent)
        })
        .expect("a span inside a trace has a context");
        assert_eq!(traceparent[..36], REMOTE[..36], "the trace id is kept");
        assert_ne!(
            traceparent[36..52],
            REMOTE[36..52],
            "the span id is the span's own"
        );
    }

    #[test]
    fn nonsense_starts_a_trace_of_its_own() {
        let traceparent = with_tracer(|| {
            let span = tracing::info_span!("event.handle");
            continue_from(&span, "00-nonsense");
            span.in_scope(current_traceparent)
        })
        .expect("the span is a root");
        assert_ne!(traceparent[..36], REMOTE[..36]);
    }

    #[test]
    fn no_trace_has_no_context() {
        assert_eq!(current_traceparent(), None);
    }
}

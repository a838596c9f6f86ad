//! One trace leads from what asked for a text to its acceptance by Twilio.

use tracing::Instrument as _;
use voxanne_proto::notification::v1::{RetryMessageRequest, SendMessageRequest};
use voxanne_telemetry::{Settings, trace::continue_from};
use voxanne_testkit::eventually;

use crate::{
    stage::Stage,
    twilio::{NOT_A_NUMBER, PATIENT, TwilioSide},
};

const ASKED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const ASKED_AGAIN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Traces are made, and go to a collector that is away.
fn make_traces() {
    let settings = Settings {
        log: "off".to_owned(),
        otlp_endpoint: Some("http://127.0.0.1:9".to_owned()),
        sentry_dsn: None,
    };
    voxanne_telemetry::init("notification", &settings).unwrap();
}

/// A stage where every event is announced by the service's own work, none by a callback.
async fn stage() -> (Stage, TwilioSide) {
    make_traces();
    let (stage, twilio) = Stage::start().await;
    stage.edge.goes_deaf();
    (stage, twilio)
}

/// The traces in which events of this name were announced, in order.
async fn traces(stage: &Stage, kind: &str) -> Vec<String> {
    let traces: Vec<Option<String>> =
        sqlx::query_scalar("SELECT trace FROM events.event WHERE type = $1 ORDER BY seq")
            .bind(kind)
            .fetch_all(&mut stage.owner().await)
            .await
            .unwrap();
    let id = |trace: Option<String>| trace.unwrap_or_default().chars().take(35).collect();
    traces.into_iter().map(id).collect()
}

#[tokio::test]
async fn a_confirmation_is_sent_in_the_trace_of_its_booking() {
    let (stage, _twilio) = stage().await;
    let span = tracing::info_span!("booking.book");
    continue_from(&span, ASKED);
    stage.book(&stage.acme, PATIENT).instrument(span).await;
    stage.reaches(&stage.acme, "sent").await;
    assert_eq!(traces(&stage, "message.sent").await, [&ASKED[..35]]);
}

#[tokio::test]
async fn a_text_is_sent_in_the_trace_of_the_last_request_for_it() {
    let (stage, _twilio) = stage().await;
    let message = SendMessageRequest {
        to: NOT_A_NUMBER.to_owned(),
        body: "Hello".to_owned(),
    };
    let mut request = stage.request(&stage.acme, message);
    let metadata = request.metadata_mut();
    metadata.insert("traceparent", ASKED.parse().unwrap());
    stage.client().send_message(request).await.unwrap();
    let id = stage.reaches(&stage.acme, "failed").await.id;
    let mut request = stage.request(&stage.acme, RetryMessageRequest { id });
    let metadata = request.metadata_mut();
    metadata.insert("traceparent", ASKED_AGAIN.parse().unwrap());
    stage.client().retry_message(request).await.unwrap();
    eventually("it failed again", || async {
        traces(&stage, "message.failed").await.len() == 2
    })
    .await;
    for kind in ["message.queued", "message.failed"] {
        let asked = [&ASKED[..35], &ASKED_AGAIN[..35]];
        assert_eq!(traces(&stage, kind).await, asked, "{kind}");
    }
}

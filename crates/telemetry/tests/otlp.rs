//! A span reaches a collector, with the service's name and the trace it continues.

use std::{net::SocketAddr, time::Duration};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, async_trait, transport::Server};
use voxanne_telemetry::{Settings, init, trace};

const REMOTE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

struct Collector(mpsc::UnboundedSender<ExportTraceServiceRequest>);

#[async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0
            .send(request.into_inner())
            .expect("the test waits for what is exported");
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

async fn collector() -> (
    SocketAddr,
    mpsc::UnboundedReceiver<ExportTraceServiceRequest>,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let (sender, received) = mpsc::unbounded_channel();
    let server = Server::builder()
        .add_service(TraceServiceServer::new(Collector(sender)))
        .serve_with_incoming(TcpListenerStream::new(listener));
    #[expect(
        clippy::disallowed_methods,
        reason = "the collector ends with the test's runtime"
    )]
    tokio::spawn(server);
    (address, received)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_is_exported_with_its_service_and_its_trace() {
    let (address, mut received) = collector().await;
    let settings = Settings {
        otlp_endpoint: Some(format!("http://{address}")),
        ..Settings::default()
    };
    let telemetry = init("telemetry-test", &settings).unwrap();
    let span = tracing::info_span!(
        "booking.book",
        { voxanne_telemetry::names::ORG_ID } = "org_1",
        url.path = "/patients/Quentin",
        url.query = "name=Quentin",
        user_agent.original = "Quentin/1.0",
    );
    trace::continue_from(&span, REMOTE);
    let handed_on = span.in_scope(trace::current_traceparent).unwrap();
    drop(span);
    tokio::task::spawn_blocking(move || telemetry.shutdown())
        .await
        .unwrap();

    let request = tokio::time::timeout(Duration::from_secs(10), received.recv())
        .await
        .expect("shutting down sends what is buffered")
        .unwrap();
    let exported = &request.resource_spans[0];
    let resource = format!("{:?}", exported.resource);
    assert!(resource.contains("telemetry-test"), "{resource}");
    let span = &exported.scope_spans[0].spans[0];
    assert_eq!(span.name, "booking.book");
    let attributes = format!("{:?}", span.attributes);
    assert!(attributes.contains("org_1"), "{attributes}");
    assert!(!attributes.contains("Quentin"), "{attributes}");
    assert_eq!(hex(&span.trace_id), REMOTE[3..35]);
    assert_eq!(hex(&span.parent_span_id), REMOTE[36..52]);
    assert_eq!(hex(&span.span_id), handed_on[36..52]);
    assert!(
        span.attributes
            .iter()
            .any(|attribute| attribute.key == "org.id")
    );
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

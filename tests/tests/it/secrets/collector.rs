//! Where every process sends its traces.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use prost::Message as _;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, async_trait, transport::Server};

/// A collector of traces, and all that it was sent.
#[derive(Clone, Default)]
pub(super) struct Collector(Arc<Mutex<Vec<u8>>>);

impl Collector {
    pub(super) async fn start() -> (Self, SocketAddr) {
        let collector = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("it is bound");
        let server = Server::builder()
            .add_service(TraceServiceServer::new(collector.clone()))
            .serve_with_incoming(TcpListenerStream::new(listener));
        #[expect(
            clippy::disallowed_methods,
            reason = "the collector ends with the test's runtime"
        )]
        drop(tokio::spawn(server));
        (collector, addr)
    }

    /// Everything that was sent; texts stand in it as they are.
    pub(super) fn text(&self) -> String {
        let bytes = self.0.lock().expect("nobody panics with it");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let bytes = request.into_inner().encode_to_vec();
        self.0
            .lock()
            .expect("nobody panics with it")
            .extend([&bytes[..], b"\n"].concat());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

//! Stand-ins for services: single rpcs behind the real layers of the fleet.

pub(crate) mod api_keys;
pub(crate) mod event_log;
pub(crate) mod identity;
pub(crate) mod line;
pub(crate) mod notification;
pub(crate) mod sessions;
pub(crate) mod voice;

use std::{future::Future, net::SocketAddr};

use tonic::{Request, Response, Status, codegen::http, server::Grpc, service::Routes};
use tonic_prost::ProstCodec;
use voxanne_runtime::{Process, serve_grpc};
use voxanne_testkit::{Running, free_addr, keys, start};

/// The rpcs of one stand-in; what it does not know is UNIMPLEMENTED.
#[derive(Default)]
pub(crate) struct Rpcs(axum::Router);

impl Rpcs {
    /// Answers the rpc at `path` (`/package.Service/Method`).
    pub(crate) fn unary<M, R, F, A>(self, path: &str, answer: F) -> Self
    where
        M: prost::Message + Default + Send + 'static,
        R: prost::Message + Default + Send + 'static,
        F: Fn(Request<M>) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<R, Status>> + Send + 'static,
    {
        let handler = async move |request: http::Request<axum::body::Body>| {
            let service = tower::service_fn(move |request| {
                let answer = answer(request);
                async move { answer.await.map(Response::new) }
            });
            let mut grpc = Grpc::new(ProstCodec::<R, M>::default());
            grpc.unary(service, request.map(tonic::body::Body::new))
                .await
        };
        Self(self.0.route(path, axum::routing::post(handler)))
    }

    /// Serves as the service called `name`.
    pub(crate) async fn serve(self, name: &'static str) -> Running {
        serve(name, Routes::from(self.0)).await
    }
}

/// Serves `routes` as the service called `name`.
pub(crate) async fn serve(name: &'static str, routes: Routes) -> Running {
    let config = |addr| (addr, routes);
    start(name, voxanne_clock::Clock::system(), config, live).await
}

async fn live((addr, routes): (SocketAddr, Routes), process: Process) -> anyhow::Result<()> {
    let listener = process.bind("gRPC", addr).await?;
    serve_grpc(&process, listener, keys(), routes).await
}

/// Where nobody listens.
pub(crate) fn nowhere() -> SocketAddr {
    free_addr()
}

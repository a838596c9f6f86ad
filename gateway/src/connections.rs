//! Connections from outside: how many there may be, and how long one may say nothing.

mod watched;

use std::{
    convert::Infallible,
    net::IpAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::Request, response::Response, serve::Listener};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::{Service, ServiceExt as _};

use self::watched::Watched;
use crate::limits::{Contradiction, Peer};

/// A request line and headers beyond this are refused before they are read to their end; the
/// layers inside refuse less than that with a problem.
const LARGEST_HEAD: usize = 64 * 1024;
const LARGEST_HEAD_FRAMES: u32 = 64 * 1024;
/// Requests at once on one HTTP/2 connection; browsers use fewer.
const STREAMS: u32 = 128;

/// What connections may cost.
pub(crate) struct Limits {
    /// Open ones that are not sockets; those beyond wait to be accepted.
    pub(crate) open: usize,
    /// Until the first request has its headers, whatever protocol it speaks.
    pub(crate) first_request: Duration,
    /// Between two requests, headers included. Longer than proxies keep a connection for reuse, so
    /// that none sends a request into one that closes.
    pub(crate) next_request: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            open: 10_000,
            first_request: Duration::from_secs(10),
            next_request: Duration::from_secs(75),
        }
    }
}

pub(crate) struct Server {
    router: Router,
    limits: Limits,
    connections: Builder<TokioExecutor>,
}

impl Server {
    pub(crate) fn new(router: Router, limits: Limits) -> Self {
        let mut connections = Builder::new(TokioExecutor::new());
        connections
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.next_request)
            .max_buf_size(LARGEST_HEAD);
        connections
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(limits.next_request)
            .max_header_list_size(LARGEST_HEAD_FRAMES)
            .max_concurrent_streams(STREAMS)
            .enable_connect_protocol();
        Self {
            router,
            limits,
            connections,
        }
    }

    /// Serves until `shutdown`, and then finishes the requests in flight.
    pub(crate) async fn serve(self, mut listener: TcpListener, shutdown: &CancellationToken) {
        let places = Arc::new(Semaphore::new(self.limits.open));
        let (server, tasks) = (Arc::new(self), TaskTracker::new());
        let accepting = async {
            // The semaphore is never closed.
            while let Ok(place) = places.clone().acquire_owned().await {
                let (stream, peer) = Listener::accept(&mut listener).await;
                let (server, shutdown) = (server.clone(), shutdown.clone());
                tasks.spawn(async move {
                    server.connection(stream, peer.ip(), shutdown).await;
                    drop(place);
                });
            }
        };
        shutdown.run_until_cancelled(accepting).await;
        drop(listener);
        tasks.close();
        tasks.wait().await;
    }

    /// One connection to its end, or until it becomes a socket.
    async fn connection(&self, stream: TcpStream, peer: IpAddr, shutdown: CancellationToken) {
        // Frames are small and each must go at once, not when there are more of them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection stays with Nagle's algorithm");
        }
        let (stream, contradicts) = Watched::new(stream);
        let (service, has_asked) = noted(self.router.clone(), peer, contradicts);
        let service = TowerToHyperService::new(service);
        let connection = self
            .connections
            .serve_connection_with_upgrades(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let mut patience = pin!(tokio::time::sleep(self.limits.first_request));
        let (mut is_patient, mut is_open) = (true, true);
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(error, "a connection broke off");
                    }
                    return;
                }
                () = patience.as_mut(), if is_patient => {
                    if !has_asked.load(Ordering::Relaxed) {
                        return;
                    }
                    is_patient = false;
                }
                () = shutdown.cancelled(), if is_open => {
                    connection.as_mut().graceful_shutdown();
                    is_open = false;
                }
            }
        }
    }
}

/// The router, and whether it was asked something.
fn noted(
    router: Router,
    peer: IpAddr,
    contradicts: Arc<AtomicBool>,
) -> (
    impl Service<hyper::Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static,
    Arc<AtomicBool>,
) {
    let has_asked = Arc::new(AtomicBool::new(false));
    let noted = has_asked.clone();
    let service = router.map_request(move |request: hyper::Request<Incoming>| -> Request {
        noted.store(true, Ordering::Relaxed);
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(Peer(peer));
        if contradicts.load(Ordering::Relaxed) {
            request.extensions_mut().insert(Contradiction);
        }
        request
    });
    (service, has_asked)
}

#[cfg(test)]
mod tests;

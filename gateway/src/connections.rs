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
mod tests {
    use std::{net::SocketAddr, time::Instant};

    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        sync::Notify,
    };

    use super::*;

    const SOON: Duration = Duration::from_millis(200);
    const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    struct Running {
        addr: SocketAddr,
        shutdown: CancellationToken,
        serving: tokio::task::JoinHandle<()>,
        /// Lets a slow answer come.
        go_on: Arc<Notify>,
    }

    async fn start(limits: Limits) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let go_on = Arc::new(Notify::new());
        let told = go_on.clone();
        let slowly = async move || {
            told.notified().await;
            "slow"
        };
        let router = Router::new()
            .route("/", get("hello"))
            .route("/slow", get(slowly));
        let shutdown = CancellationToken::new();
        let until = shutdown.clone();
        let serving = TaskTracker::new().spawn(async move {
            Server::new(router, limits).serve(listener, &until).await;
        });
        Running {
            addr,
            shutdown,
            serving,
            go_on,
        }
    }

    async fn say(running: &Running, text: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(running.addr).await.unwrap();
        stream.write_all(text).await.unwrap();
        stream
    }

    async fn answer(stream: &mut TcpStream) -> String {
        let mut text = [0; 1024];
        let length = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut text));
        let length = length.await.expect("it answers or closes").unwrap();
        String::from_utf8_lossy(&text[..length]).into_owned()
    }

    #[tokio::test]
    async fn whoever_asks_nothing_is_let_go() {
        let limits = Limits {
            first_request: SOON,
            ..Limits::default()
        };
        let running = start(limits).await;
        for words in [&b""[..], b"PRI * HT", b"GET / HTTP/1.1\r\nHost: a\r\nX-"] {
            let began = Instant::now();
            let mut stream = say(&running, words).await;
            assert_eq!(answer(&mut stream).await, "");
            assert!(began.elapsed() >= SOON / 2);
        }
        let mut stream = say(&running, ASK).await;
        assert!(answer(&mut stream).await.ends_with("hello"));
        let mut silent = say(&running, b"").await;
        assert_eq!(answer(&mut silent).await, "");
        stream.write_all(ASK).await.unwrap();
        assert!(answer(&mut stream).await.ends_with("hello"), "it had asked");
    }

    #[tokio::test]
    async fn slow_headers_end_a_connection_that_had_asked() {
        let limits = Limits {
            next_request: SOON,
            ..Limits::default()
        };
        let running = start(limits).await;
        let mut stream = say(&running, ASK).await;
        assert!(answer(&mut stream).await.ends_with("hello"));
        stream.write_all(&ASK[..20]).await.unwrap();
        assert!(!answer(&mut stream).await.ends_with("hello"));
    }

    #[tokio::test]
    async fn a_connection_too_many_waits_for_another_to_end() {
        let limits = Limits {
            open: 1,
            ..Limits::default()
        };
        let running = start(limits).await;
        let mut first = say(&running, ASK).await;
        assert!(answer(&mut first).await.ends_with("hello"));
        let mut second = say(&running, ASK).await;
        let early = tokio::time::timeout(SOON, second.read_u8()).await;
        assert!(early.is_err(), "there is no place");
        drop(first);
        assert!(answer(&mut second).await.ends_with("hello"));
    }

    #[tokio::test]
    async fn a_request_in_flight_is_finished_and_idle_connections_are_not_waited_for() {
        let running = start(Limits::default()).await;
        let mut idle = say(&running, ASK).await;
        assert!(answer(&mut idle).await.ends_with("hello"));
        let mut busy = say(&running, b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
        // Accepted in order: this answer means that the one before has arrived.
        let mut last = say(&running, ASK).await;
        assert!(answer(&mut last).await.ends_with("hello"));
        running.shutdown.cancel();
        assert_eq!(answer(&mut idle).await, "");
        running.go_on.notify_one();
        assert!(answer(&mut busy).await.ends_with("slow"));
        let ended = tokio::time::timeout(Duration::from_secs(5), running.serving);
        ended.await.expect("nobody is waited for").unwrap();
        assert!(TcpStream::connect(running.addr).await.is_err());
    }
}

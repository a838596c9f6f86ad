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

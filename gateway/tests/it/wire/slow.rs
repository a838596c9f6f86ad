//! Clients that take their time, many of them.

use std::net::SocketAddr;

use futures_util::future::join_all;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Duration, interval, timeout},
};

use super::{PATIENCE, SMUGGLED, post, status};
use crate::api::fixture::Behind;

const SLOW: u64 = 1000;
/// Files that the test has open beside the slow connections.
const OTHERS: u64 = 200;

/// As many slow clients as this machine lets one process have: both ends of each are here.
fn crowd() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let most = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let room = most.unwrap_or(u64::MAX).saturating_sub(OTHERS) / 2;
    room.min(SLOW)
}

async fn begin(addr: SocketAddr, words: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(addr).await.expect("it listens");
    stream.write_all(words).await.expect("it is let in");
    stream
}

/// What comes until the gateway closes the connection.
async fn ends(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let read = timeout(2 * PATIENCE, stream.read_to_end(&mut answer)).await;
    drop(read.expect("the connection is closed"));
    String::from_utf8_lossy(&answer).into_owned()
}

/// The same while a letter of a header is sent now and then.
async fn ends_on(stream: TcpStream) -> String {
    let (mut reader, mut writer) = stream.into_split();
    let letters = async {
        let mut pace = interval(Duration::from_millis(500));
        loop {
            pace.tick().await;
            // Once it is closed, the reader notices.
            drop(writer.write_all(b"a").await);
        }
    };
    let mut answer = Vec::new();
    let read = timeout(2 * PATIENCE, reader.read_to_end(&mut answer));
    tokio::select! {
        () = letters => unreachable!("they go on"),
        read = read => drop(read.expect("the connection is closed")),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_slow_clients_stop_nobody_and_are_let_go() {
    let api = Behind::default().start().await;
    let addr = api.gateway.grpc;
    let half_a_head = b"GET /config.json HTTP/1.1\r\nHost: a\r\nX-Slow: ";
    let slow_body = post("Content-Length: 20\r\n", "{");
    let (mut silent, mut slow, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    let crowd = crowd();
    assert!(crowd >= 100, "{crowd} connections are no crowd");
    for number in 0..crowd {
        match number % 4 {
            0 => silent.push(begin(addr, b"").await),
            1 => silent.push(begin(addr, half_a_head).await),
            2 => slow.push(begin(addr, half_a_head).await),
            _ => bodies.push(begin(addr, &slow_body).await),
        }
    }
    // Each letter is read, and none of them buys any time.
    let slow = join_all(slow.into_iter().map(ends_on));
    let silent = join_all(silent.into_iter().map(ends));
    let bodies = join_all(bodies.into_iter().map(ends));
    let others = async {
        for _ in 0..50 {
            assert_eq!(status(addr, SMUGGLED.as_bytes()).await, "200");
        }
    };
    let (slow, silent, bodies, ()) = tokio::join!(slow, silent, bodies, others);
    for answer in slow.iter().chain(&silent) {
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    for answer in &bodies {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    assert_eq!(status(addr, SMUGGLED.as_bytes()).await, "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_no_answer_is_let_go() {
    let api = Behind::default().start().await;
    let mut stream = begin(api.gateway.grpc, b"").await;
    let (mut asked, mut let_go) = (0, false);
    let asking = async {
        while stream.write_all(SMUGGLED.as_bytes()).await.is_ok() {
            asked += 1;
        }
        let_go = true;
    };
    timeout(4 * PATIENCE, asking).await.ok();
    assert!(let_go, "nothing of {asked} answers was taken");
}

//! What no well-meant client sends, byte for byte.

mod frames;
mod slow;

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::api::fixture::Behind;

/// Longer than the gateway waits for anything.
const PATIENCE: Duration = Duration::from_secs(25);
/// A request that would be answered if somebody took it for one.
const SMUGGLED: &str = "GET /config.json HTTP/1.1\r\nHost: a\r\n\r\n";

/// Everything that comes back until the gateway closes the connection.
async fn until_closed(addr: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(addr).await.expect("it listens");
    // It may close before everything is written.
    drop(stream.write_all(bytes).await);
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    // A reset after the answer is a way to close too.
    drop(read.expect("the connection is closed"));
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of the first answer; the connection may stay open.
async fn status(addr: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(addr).await.expect("it listens");
    drop(stream.write_all(bytes).await);
    let mut answer = vec![0; 4096];
    let read = timeout(PATIENCE, stream.read(&mut answer)).await;
    let length = read.expect("it answers").unwrap_or_default();
    let text = String::from_utf8_lossy(&answer[..length]).into_owned();
    text.split(' ').nth(1).unwrap_or_default().to_owned()
}

fn post(headers: &str, body: &str) -> Vec<u8> {
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    format!("{head}{headers}\r\n{body}").into_bytes()
}

#[tokio::test]
async fn nobody_smuggles_a_request_behind_another() {
    let api = Behind::default().start().await;
    let chunked = format!("0\r\n\r\n{SMUGGLED}");
    for (headers, body) in [
        (
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            &*chunked,
        ),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
            &*chunked,
        ),
        ("Content-Length: 2\r\nContent-Length: 3\r\n", SMUGGLED),
        ("Content-Length: 2, 3\r\n", SMUGGLED),
        ("Content-Length: +2\r\n", SMUGGLED),
        ("Content-Length: -1\r\n", SMUGGLED),
        ("Transfer-Encoding: xchunked\r\n", &*chunked),
        ("Transfer-Encoding: chunked, identity\r\n", &*chunked),
        ("X-Folded: a\r\n b\r\n", SMUGGLED),
        ("X-Nul: a\0b\r\n", SMUGGLED),
        ("X-Return: a\rb\r\n", SMUGGLED),
        ("X Space: a\r\n", SMUGGLED),
        ("Content-Length : 2\r\n", SMUGGLED),
    ] {
        let answer = until_closed(api.gateway.grpc, &post(headers, body)).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{headers:?}: {answer}");
        assert_eq!(
            answer.matches("HTTP/1.1 ").count(),
            1,
            "{headers:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn nothing_is_read_behind_a_body_in_chunks() {
    let api = Behind::default().start().await;
    let bytes = post(
        "Transfer-Encoding: chunked\r\n",
        &format!("2\r\n{{}}\r\n0\r\n\r\n{SMUGGLED}"),
    );
    let answer = until_closed(api.gateway.grpc, &bytes).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(
        answer.contains(r#""code":"INVALID""#),
        "the body itself was read: {answer}"
    );
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    // Requests of a known length may follow one another.
    let twice = [
        SMUGGLED.as_bytes(),
        SMUGGLED.trim_end().as_bytes(),
        b"\r\nConnection: close\r\n\r\n",
    ];
    let answer = until_closed(api.gateway.grpc, &twice.concat()).await;
    assert_eq!(answer.matches("HTTP/1.1 200 ").count(), 2, "{answer}");
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_not_waited_for() {
    let api = Behind::default().start().await;
    for length in ["2097153", "10737418240", "9223372036854775807"] {
        let head = post(&format!("Content-Length: {length}\r\n"), "");
        let answer = until_closed(api.gateway.grpc, &head).await;
        assert!(
            answer.starts_with("HTTP/1.1 413 ") || answer.starts_with("HTTP/1.1 400 "),
            "{length}: {answer}"
        );
    }
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let endless = post("Transfer-Encoding: chunked\r\n", &chunk.repeat(8));
    let answer = until_closed(api.gateway.grpc, &endless).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_never_comes_ends_the_request() {
    let api = Behind::default().start().await;
    let slow = post("Content-Length: 20\r\n", "{");
    let answer = until_closed(api.gateway.grpc, &slow).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains(r#""code":"BODY_TOO_SLOW""#), "{answer}");
}

#[tokio::test]
async fn heads_have_a_size() {
    let api = Behind::default().start().await;
    let get = |path: &str, headers: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: a\r\n{headers}\r\n").into_bytes()
    };
    let long = format!("/config.json?{}", "x".repeat(16 * 1024));
    let endless = format!("/config.json?{}", "x".repeat(100_000));
    let many: String = (0..1000)
        .map(|number| format!("X-{number}: a\r\n"))
        .collect();
    let one = format!("X-Large: {}\r\n", "x".repeat(64 * 1024));
    let some = format!("X-Large: {}\r\n", "x".repeat(40 * 1024));
    for (request, expected) in [
        (get("/config.json", ""), "200"),
        (get(&long, ""), "414"),
        (get(&endless, ""), "414 431"),
        (get("/config.json", &many), "431"),
        (get("/config.json", &one), "431"),
        (get("/config.json", &some), "431"),
    ] {
        let status = status(api.gateway.grpc, &request).await;
        assert!(
            !status.is_empty() && expected.contains(&status),
            "{expected}: {status}"
        );
    }
}

#[tokio::test]
async fn an_address_that_is_written_oddly_is_no_other_address() {
    let api = Behind::default().start().await;
    for line in [
        "GET /config.json/",
        "GET //config.json",
        "GET /./config.json",
        "GET /api/../config.json",
        "GET /api/..%2fconfig.json",
        "GET /config.json%00",
        "GET /config.json%20",
        "GET /config.json.",
        "GET /config%2ejson%2f",
        "GET /CONFIG.json",
        "GET /config.json;a=b",
        "GET /api%2fauth%2flogin",
        "GET /..%5cconfig.json",
        "TRACE /config.json",
        "TRACK /config.json",
        "DEBUG /config.json",
        "POST /config.json",
        "TRACE /nothing",
        "GET /metrics",
        "GET /internal/auth-cache-stats",
        "GET /api/internal/metrics",
        "GET /debug/pprof/",
        "GET /actuator/env",
        "GET /.env",
        "GET /.git/config",
    ] {
        let request = format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n");
        let status = status(api.gateway.grpc, request.as_bytes()).await;
        assert!(status == "404" || status == "405", "{line}: {status}");
    }
}

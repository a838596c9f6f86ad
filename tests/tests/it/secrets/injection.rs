//! What is sent to be logged stays a value in one line.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use voxanne_tests::{Clinic, Fleet};

const FORGED: &str = "canary-of-a-forged-line";

/// Sends headers and paths that would end a line, begin another, or colour a terminal.
pub(super) async fn send(fleet: &Fleet, clinic: &Clinic) {
    let line = format!("\"}}{{\"level\":\"ERROR\",\"{FORGED}\":\"1");
    for (header, value) in [
        ("User-Agent", format!("x\r\n {line}")),
        ("User-Agent", format!("\u{1b}[31m{line}\u{1b}[0m")),
        ("User-Agent", line.clone()),
        ("X-Request-Id", line.replace(' ', "")),
        ("X-Request-Id", format!("a\u{1b}[2Jb{line}")),
        ("Origin", format!("https://{line}")),
        ("Traceparent", line.clone()),
        ("X-Idempotency-Key", line),
    ] {
        for path in [
            "/patients",
            "/patients/%1b%5b31m%0a%0d",
            "/bookings?from=%0a%1b",
        ] {
            let request = format!(
                "GET {} HTTP/1.1\r\nHost: clinic.example\r\nAuthorization: Bearer {}\r\n\
                 Connection: close\r\n{header}: {value}\r\n\r\n",
                clinic.path(path),
                clinic.token
            );
            let mut socket = TcpStream::connect(fleet.gateway)
                .await
                .expect("the gateway listens");
            socket
                .write_all(request.as_bytes())
                .await
                .expect("it reads");
            let mut answer = Vec::new();
            // A connection that is cut is an answer too.
            drop(socket.read_to_end(&mut answer).await);
        }
    }
}

/// Lines of `logs` that are not one object of the logger's own.
pub(super) fn forged(logs: &str) -> Vec<String> {
    let of_ours = logs
        .split("=== ")
        .filter(|part| !part.starts_with("sandbox"));
    let lines = of_ours.flat_map(|part| part.lines().skip(1));
    let is_whole = |line: &&str| {
        let read: Option<Value> = serde_json::from_str(line).ok();
        let is_event = read.is_some_and(|event| {
            event["level"].is_string()
                && event["timestamp"].is_string()
                && event.get(FORGED).is_none()
        });
        line.is_empty() || (is_event && !line.contains(char::is_control))
    };
    lines
        .filter(|line| !is_whole(line))
        .map(|line| line.chars().take(300).collect())
        .collect()
}

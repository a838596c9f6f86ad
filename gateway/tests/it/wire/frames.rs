//! HTTP/2 frames that only keep a server busy.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{SMUGGLED, status};
use crate::api::fixture::{Api, Behind};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const PATIENCE: Duration = Duration::from_secs(20);
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
/// `GET / HTTP` with the names and values of the static table.
const GET: [u8; 3] = [0x82, 0x86, 0x84];

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload");
    let mut frame = length.to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Whether the gateway says goodbye or closes the connection.
async fn ends(api: &Api, frames: Vec<u8>) -> bool {
    let mut stream = TcpStream::connect(api.gateway.grpc)
        .await
        .expect("it listens");
    let (mut reader, mut writer) = stream.split();
    let opening = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    let write = async {
        let written = writer.write_all(&opening).await;
        // A connection that was closed takes no more.
        drop(written.and(writer.write_all(&frames).await));
        std::future::pending::<()>().await;
    };
    let read = async {
        loop {
            let mut head = [0; 9];
            if reader.read_exact(&mut head).await.is_err() || head[3] == GO_AWAY {
                return true;
            }
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; usize::try_from(length).expect("a length")];
            if reader.read_exact(&mut payload).await.is_err() {
                return true;
            }
            // The answer to the ping behind the last frame: everything was taken.
            if head[3] == PING {
                return false;
            }
        }
    };
    tokio::select! {
        () = write => unreachable!("it waits"),
        ended = timeout(PATIENCE, read) => ended.expect("the gateway says something"),
    }
}

fn ping() -> Vec<u8> {
    frame(PING, 0, 0, &[7; 8])
}

fn odd(number: u32) -> u32 {
    2 * number + 1
}

/// Requests that are taken back at once.
fn resets() -> Vec<u8> {
    (0..5000)
        .flat_map(|number| {
            let opened = frame(HEADERS, END_HEADERS, odd(number), &GET);
            [opened, frame(RESET, 0, odd(number), &[0, 0, 0, 8])].concat()
        })
        .chain(ping())
        .collect()
}

#[tokio::test]
async fn a_flood_that_only_costs_ends_its_connection() {
    let api = Behind::default().start().await;
    assert!(
        ends(&api, resets()).await,
        "requests that are taken back at once"
    );
    let mut continuations = frame(HEADERS, 0, 1, &GET);
    for _ in 0..200 {
        // A new name without indexing, ever again.
        let mut field = vec![0x00, 0x01, b'x', 0x7f, 0x80, 0x7f];
        field.extend([b'a'; 16_256]);
        continuations.extend(frame(CONTINUATION, 0, 1, &field[..16_000]));
    }
    continuations.extend(ping());
    assert!(ends(&api, continuations).await, "headers without an end");
    let empty: Vec<u8> = (0..5000)
        .flat_map(|_| frame(CONTINUATION, 0, 1, &[]))
        .chain(ping())
        .collect();
    let empty = [frame(HEADERS, 0, 1, &GET), empty].concat();
    assert!(ends(&api, empty).await, "empty parts of headers");
    let data: Vec<u8> = (0..5000).flat_map(|_| frame(DATA, 0, 1, &[])).collect();
    let post = [0x83, 0x86, 0x84];
    let data = [frame(HEADERS, END_HEADERS, 1, &post), data, ping()].concat();
    assert!(ends(&api, data).await, "empty parts of a body");
}

#[tokio::test]
async fn the_gateway_serves_on_behind_a_flood() {
    let api = Behind::default().start().await;
    let (resets, over) = (resets(), AtomicBool::new(false));
    let flood = async || {
        // Once in any case, and on new connections until the others are done.
        loop {
            assert!(ends(&api, resets.clone()).await, "no flood is welcome");
            if over.load(Ordering::SeqCst) {
                break;
            }
        }
    };
    let others = async {
        let well_meant = [frame(HEADERS, END_HEADERS | 1, 1, &GET), ping()].concat();
        for _ in 0..20 {
            let status = status(api.gateway.grpc, SMUGGLED.as_bytes()).await;
            assert_eq!(status, "200", "requests on connections of their own");
            let ended = ends(&api, well_meant.clone()).await;
            assert!(!ended, "one request is welcome");
        }
        over.store(true, Ordering::SeqCst);
    };
    tokio::join!(join_all((0..4).map(|_| flood())), others);
}

//! A line to the tests' Redis that can be cut, and that can go silent.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use url::Url;

const WHOLE: u8 = 0;
const CUT: u8 = 1;
const SILENT: u8 = 2;
/// How often a connection looks at what has become of it.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Forwards connections to Redis.
pub(crate) struct Line {
    addr: SocketAddr,
    state: Arc<AtomicU8>,
    _accepting: AbortOnDropHandle<()>,
}

impl Line {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("it is bound");
        let state = Arc::new(AtomicU8::new(WHOLE));
        let tasks = TaskTracker::new();
        let (seen, connections) = (state.clone(), tasks.clone());
        let accepting = tasks.spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                connections.spawn(connection(near, seen.clone()));
            }
        });
        Self {
            addr,
            state,
            _accepting: AbortOnDropHandle::new(accepting),
        }
    }

    pub(crate) fn url(&self) -> SecretString {
        format!("redis://{}", self.addr).into()
    }

    /// Ends every connection, also those that come.
    pub(crate) fn cut(&self) {
        self.state.store(CUT, Ordering::SeqCst);
    }

    /// Keeps every connection open and carries nothing.
    pub(crate) fn silence(&self) {
        self.state.store(SILENT, Ordering::SeqCst);
    }

    pub(crate) fn mend(&self) {
        self.state.store(WHOLE, Ordering::SeqCst);
    }
}

async fn connection(mut near: TcpStream, state: Arc<AtomicU8>) {
    let redis: Url = voxanne_testkit::redis_url()
        .expose_secret()
        .parse()
        .expect("a URL");
    let host = redis.host_str().expect("a host").to_owned();
    let far = TcpStream::connect((host, redis.port().unwrap_or(6379))).await;
    let mut far = far.expect("Redis listens");
    let (mut out, mut back) = ([0; 4096], [0; 4096]);
    loop {
        match state.load(Ordering::SeqCst) {
            CUT => return,
            SILENT => {
                sleep(LOOK_EVERY).await;
                continue;
            }
            _ => {}
        }
        let carried = tokio::select! {
            read = near.read(&mut out) => carry(read, &out, &mut far, &state).await,
            read = far.read(&mut back) => carry(read, &back, &mut near, &state).await,
            () = sleep(LOOK_EVERY) => true,
        };
        if !carried {
            return;
        }
    }
}

/// What was read when the line had gone silent is lost.
async fn carry(
    read: std::io::Result<usize>,
    bytes: &[u8],
    to: &mut TcpStream,
    state: &AtomicU8,
) -> bool {
    match read {
        Ok(0) | Err(_) => false,
        Ok(_) if state.load(Ordering::SeqCst) != WHOLE => true,
        Ok(count) => to.write_all(&bytes[..count]).await.is_ok(),
    }
}

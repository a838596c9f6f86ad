//! Stands where the gateway would: records every webhook and answers as it is told.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::task::TaskTracker;

const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON webhook")
    }

    pub(crate) fn form(&self) -> HashMap<String, String> {
        serde_urlencoded::from_str(&self.body).expect("a form webhook")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

type Reply = Box<dyn Fn(&Received) -> (u16, String) + Send + Sync>;

struct Inner {
    received: watch::Sender<Vec<Received>>,
    reply: Mutex<Reply>,
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

impl Receiver {
    pub(crate) async fn start(tasks: &TaskTracker) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound port"));
        let inner = Arc::new(Inner {
            received: watch::Sender::default(),
            reply: Mutex::new(Box::new(|_| (200, "{}".to_owned()))),
        });
        let app = Router::new()
            .fallback(record)
            .with_state(Arc::clone(&inner));
        tasks.spawn(async move { axum::serve(listener, app).await });
        Self { url, inner }
    }

    /// From now on every webhook is answered with what `reply` says.
    pub(crate) fn reply(&self, reply: impl Fn(&Received) -> (u16, String) + Send + Sync + 'static) {
        *self.inner.reply.lock().unwrap() = Box::new(reply);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner.received.borrow().clone()
    }

    /// Waits until `count` webhooks have come.
    pub(crate) async fn after(&self, count: usize) -> Vec<Received> {
        let mut received = self.inner.received.subscribe();
        let enough = received.wait_for(|received| received.len() >= count);
        let enough = tokio::time::timeout(PATIENCE, enough).await;
        enough
            .expect("webhooks come in time")
            .expect("the receiver lives")
            .clone()
    }
}

async fn record(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 10_000_000)
        .await
        .expect("a readable body");
    let received = Received {
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).expect("text"),
    };
    let (status, body) = (inner.reply.lock().unwrap())(&received);
    inner.received.send_modify(|all| all.push(received));
    (StatusCode::from_u16(status).expect("a status"), body).into_response()
}

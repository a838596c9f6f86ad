//! A dashboard's socket.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};

use crate::{Clinic, Fleet};

const PATIENCE: Duration = Duration::from_secs(30);

/// An open `/frontend/stream`.
#[derive(Debug)]
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects as a member of `clinic` and reads the welcome; gives the sequence it starts at.
    pub async fn open(fleet: &Fleet, clinic: &Clinic) -> (Self, i64) {
        let mut socket = Self::connect(fleet, &clinic.token)
            .await
            .expect("a member of the clinic may listen");
        let welcome = socket.next().await;
        assert_eq!(welcome["type"], "welcome");
        let seq = welcome["seq"].as_i64().expect("a number");
        (socket, seq)
    }

    /// Connects with `token`, whatever comes of it.
    pub async fn connect(fleet: &Fleet, token: &str) -> Result<Self, Box<Error>> {
        let mut request = format!("ws://{}/frontend/stream", fleet.gateway)
            .into_client_request()
            .expect("an address makes a URL");
        let protocols = format!("voxanne.v1, bearer.{token}");
        request.headers_mut().insert(
            "sec-websocket-protocol",
            protocols.parse().expect("tokens are ASCII"),
        );
        Ok(Self(connect_async(request).await.map_err(Box::new)?.0))
    }

    pub async fn send(&mut self, message: &Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .expect("the socket is open");
    }

    /// The next JSON message.
    pub async fn next(&mut self) -> Value {
        self.within(PATIENCE).await.expect("a message in time")
    }

    /// The next JSON message, if one comes within `wait`.
    pub async fn within(&mut self, wait: Duration) -> Option<Value> {
        tokio::time::timeout(wait, async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => {
                        return serde_json::from_str(&text).expect("messages are JSON");
                    }
                    Some(Ok(_)) => {}
                    other => panic!("the socket ended: {other:?}"),
                }
            }
        })
        .await
        .ok()
    }

    /// Reads until an event called `name` comes and gives it.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let message = self.next().await;
            if message["event"] == name {
                return message;
            }
        }
    }
}

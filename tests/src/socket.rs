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

    /// Status and code of what somebody is told whose `token` opens no socket.
    pub async fn refusal(fleet: &Fleet, token: &str) -> (u16, String) {
        let refused = Self::connect(fleet, token)
            .await
            .expect_err("the token opens no socket");
        match *refused {
            Error::Http(response) => {
                let body = response.body().as_deref().unwrap_or_default();
                let problem: Value = serde_json::from_slice(body).expect("a problem is JSON");
                let code = problem["code"].as_str().expect("a code").to_owned();
                (response.status().as_u16(), code)
            }
            other => panic!("{other}"),
        }
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

    /// Reads until the server closes and gives the code that it closes with.
    pub async fn close_code(&mut self) -> u16 {
        let frame = tokio::time::timeout(PATIENCE, async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Close(frame))) => return frame,
                    Some(Ok(_)) => {}
                    other => panic!("the socket ended without a word: {other:?}"),
                }
            }
        })
        .await
        .expect("the server closes in time");
        frame.expect("the server says why").code.into()
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

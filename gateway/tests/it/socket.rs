//! A dashboard's end of a socket.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        self, Message,
        client::IntoClientRequest as _,
        http::{HeaderValue, header},
    },
};

use crate::edge::{Edge, Person};

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Opens a socket and reads its welcome.
    pub(crate) async fn open(edge: &Edge, person: Person) -> (Self, i64) {
        Self::open_for(edge, person, 600).await
    }

    /// The same with a token that is good for another `seconds`.
    pub(crate) async fn open_for(edge: &Edge, person: Person, seconds: i64) -> (Self, i64) {
        Self::open_with(edge, &person.token(seconds)).await
    }

    /// The same with this token or API key.
    pub(crate) async fn open_with(edge: &Edge, token: &str) -> (Self, i64) {
        let protocols = format!("voxanne.v1, bearer.{token}");
        let opened = Self::request(edge, Some(&protocols), None).await;
        let mut socket = opened.expect("the socket opens");
        let welcome = socket.next().await;
        assert_eq!(welcome["type"], "welcome");
        (socket, welcome["seq"].as_i64().expect("a number"))
    }

    pub(crate) async fn request(
        edge: &Edge,
        protocols: Option<&str>,
        origin: Option<&str>,
    ) -> Result<Self, tungstenite::Error> {
        let url = edge.url("/frontend/stream").replacen("http", "ws", 1);
        let mut request = url.into_client_request().expect("a request");
        let headers = request.headers_mut();
        let value = |text: &str| HeaderValue::from_str(text).expect("a header");
        if let Some(protocols) = protocols {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, value(protocols));
        }
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, value(origin));
        }
        let tcp = TcpStream::connect(edge.gateway.grpc).await?;
        let (socket, response) = client_async(request, tcp).await?;
        let agreed = response.headers().get(header::SEC_WEBSOCKET_PROTOCOL);
        assert_eq!(agreed, Some(&HeaderValue::from_static("voxanne.v1")));
        Ok(Self(socket))
    }

    pub(crate) async fn say(&mut self, message: Message) {
        self.0.send(message).await.expect("the socket is open");
    }

    /// Sends bytes as they are, frames or not.
    pub(crate) async fn say_bytes(&mut self, bytes: &[u8]) {
        let stream = self.0.get_mut();
        stream.write_all(bytes).await.expect("the socket is open");
    }

    pub(crate) async fn resume(&mut self, after: i64) {
        let text = format!(r#"{{"type":"resume","after":{after}}}"#);
        self.say(Message::text(text)).await;
    }

    /// The next frame of the server.
    pub(crate) async fn next(&mut self) -> Value {
        match self.read().await {
            Message::Text(text) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("{other:?}"),
        }
    }

    /// Reads events until number `last`; the first has to be `first` and no number may be missing.
    pub(crate) async fn events(&mut self, first: i64, last: i64) -> Vec<Value> {
        let mut events = Vec::new();
        for seq in first..=last {
            let event = self.next().await;
            assert_eq!(
                (&event["type"], &event["seq"]),
                (&"event".into(), &seq.into())
            );
            events.push(event);
        }
        events
    }

    /// The code that the server closes with; what it says before that is passed over.
    pub(crate) async fn close_code(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.read().await {
                return frame.expect("the server says why").code.into();
            }
        }
    }

    async fn read(&mut self) -> Message {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.0.next()).await;
            let next = next.expect("the server says something in time");
            match next
                .expect("the socket is open")
                .expect("the socket is sound")
            {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }
}

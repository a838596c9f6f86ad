//! What the sandbox does not play: a Vapi that refuses `type` in an update.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_util::sync::CancellationToken;

use super::update;
use crate::vapi::Vapi;

/// Answers each connection's one request with the next of `answers` and gives back the bodies.
async fn play(listener: TcpListener, answers: [(&str, Value); 2]) -> Vec<Value> {
    let mut bodies = Vec::new();
    for (status, answer) in answers {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut request, mut chunk) = (Vec::new(), [0; 4096]);
        let body = loop {
            let length = stream.read(&mut chunk).await.unwrap();
            request.extend_from_slice(&chunk[..length]);
            let text = String::from_utf8_lossy(&request);
            let body = text.split_once("\r\n\r\n").map(|(_, body)| body);
            if let Some(Ok(body)) = body.map(serde_json::from_str) {
                break body;
            }
        };
        bodies.push(body);
        let answer = answer.to_string();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}", answer.len());
        let whole = format!("{head}\r\nconnection: close\r\n\r\n{answer}");
        stream.write_all(whole.as_bytes()).await.unwrap();
    }
    bodies
}

#[tokio::test]
async fn an_update_goes_without_its_type_where_that_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let refusal = json!({"message": ["property type should not exist"], "statusCode": 400});
    let answers = [("400 Bad Request", refusal), ("200 OK", json!({"id": "t"}))];
    let vapi = Vapi::new(
        base.parse().unwrap(),
        "key".into(),
        CancellationToken::new(),
    )
    .unwrap();
    let session = vapi.within(Duration::from_secs(10));
    let body = json!({"type": "function", "async": false});
    let (bodies, updated) = tokio::join!(play(listener, answers), update(&session, "t", &body));
    assert_eq!(updated.unwrap(), json!({"id": "t"}));
    assert_eq!(bodies, [body, json!({"async": false})]);
}

//! What Vapi sends: proof first, then one answer to each tool call whatever happens.

mod news;
mod tool_calls;

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};
use voxanne_clock::Clock;
use voxanne_ids::OrgId;
use voxanne_testkit::eventually;

use crate::edge::{Edge, VAPI_SECRET};

const WEBHOOK: &str = "/api/webhooks/vapi";
const CALL: &str = "019a0000-0000-7000-8000-000000000001";

struct Answer {
    status: u16,
    body: Value,
}

impl Answer {
    fn results(&self) -> &Vec<Value> {
        assert_eq!(self.status, 200);
        self.body["results"].as_array().expect("a list of results")
    }
}

async fn post(edge: &Edge, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let http = reqwest::Client::builder().build().expect("a client");
    let mut request = http.post(edge.url(path)).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.expect("the gateway answers");
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"]
        .to_str()
        .expect("text")
        .to_owned();
    let expected = if status < 400 {
        "application/json"
    } else {
        "application/problem+json"
    };
    assert_eq!(kind, expected);
    let body = response.bytes().await.expect("a body");
    Answer {
        status,
        body: serde_json::from_slice(&body).expect("JSON"),
    }
}

async fn send(edge: &Edge, path: &str, message: Value) -> Answer {
    let body = json!({ "message": message }).to_string().into_bytes();
    post(edge, path, &[("x-vapi-secret", VAPI_SECRET)], body).await
}

fn tool_calls(assistant: &str, calls: Value) -> Value {
    json!({
        "type": "tool-calls",
        "timestamp": 1_795_168_800_000_i64,
        "call": { "id": CALL, "assistantId": assistant, "customer": { "number": "+14155550123" } },
        "toolCallList": calls,
    })
}

fn call(id: &str, name: &str, arguments: Value) -> Value {
    json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } })
}

fn said(result: &Value) -> (&str, bool) {
    match (result["result"].as_str(), result["error"].as_str()) {
        (Some(text), None) => (text, true),
        (None, Some(text)) => (text, false),
        _ => panic!("either a result or an error: {result}"),
    }
}

#[tokio::test]
async fn nothing_is_done_without_proof() {
    let edge = Edge::start().await;
    edge.voice.owns(OrgId::new(), "asst_1");
    let message = tool_calls("asst_1", json!([call("a", "holdSlot", json!({}))]));
    let body = json!({ "message": message }).to_string().into_bytes();
    let bearer = format!("Bearer {VAPI_SECRET}");
    let at = Clock::system().now().as_second().to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, VAPI_SECRET.as_bytes());
    let tag = hex::encode(hmac::sign(&key, &[at.as_bytes(), b".", &body].concat()));
    let old = (Clock::system().now().as_second() - 301).to_string();
    let old_tag = hex::encode(hmac::sign(&key, &[old.as_bytes(), b".", &body].concat()));
    for (headers, status) in [
        (vec![("x-vapi-secret", VAPI_SECRET)], 200),
        (vec![("authorization", &*bearer)], 200),
        (vec![("x-timestamp", &*at), ("x-signature", &*tag)], 200),
        (
            vec![("x-timestamp", &*old), ("x-signature", &*old_tag)],
            401,
        ),
        (vec![("x-timestamp", &*at), ("x-signature", &*old_tag)], 401),
        (vec![("x-vapi-secret", "wrong")], 401),
        (vec![("x-vapi-secret", "")], 401),
        (vec![], 401),
    ] {
        for path in [WEBHOOK, "/api/vapi/tools/hold-slot"] {
            let answer = post(&edge, path, &headers, body.clone()).await;
            assert_eq!(answer.status, status, "{headers:?}");
            if status == 401 {
                assert_eq!(answer.body["code"], "WEBHOOK_NOT_AUTHENTIC");
            }
        }
    }
    assert_eq!(edge.voice.ran().len(), 6);
}

#[tokio::test]
async fn few_bodies_are_awaited_whose_signature_is_only_claimed() {
    let edge = Edge::start().await;
    let at = Clock::system().now().as_second().to_string();
    let tag = "0".repeat(64);
    let claimed = [("x-timestamp", &*at), ("x-signature", &*tag)];
    let body = br#"{"message":{"type":"hang"}}"#.to_vec();
    let answer = post(&edge, WEBHOOK, &claimed, body.clone()).await;
    assert_eq!(answer.status, 401, "there is room");
    let mut slow = Vec::new();
    for _ in 0..8 {
        let mut stream = TcpStream::connect(edge.gateway.grpc).await.unwrap();
        let head = format!(
            "POST {WEBHOOK} HTTP/1.1\r\nHost: a\r\nX-Timestamp: {at}\r\nX-Signature: {tag}\r\n\
             Content-Length: 100\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    eventually("all places are taken", || async {
        let answer = post(&edge, WEBHOOK, &claimed, body.clone()).await;
        (answer.status, &answer.body["code"]) == (503, &"BUSY".into())
    })
    .await;
    let known = [("x-vapi-secret", VAPI_SECRET)];
    let answer = post(&edge, WEBHOOK, &known, body.clone()).await;
    assert_eq!(answer.status, 200, "who knows the secret needs no place");
    // They give up their places although they never end.
    eventually("there is room again", || async {
        post(&edge, WEBHOOK, &claimed, body.clone()).await.status == 401
    })
    .await;
    drop(slow);
}

#[tokio::test]
async fn a_body_has_a_size_and_a_form() {
    let edge = Edge::start().await;
    let secret = [("x-vapi-secret", VAPI_SECRET)];
    for (body, status, code) in [
        (b"{".to_vec(), 400, "MALFORMED_JSON"),
        (b"[]".to_vec(), 400, "MALFORMED_JSON"),
        (b"\xff".to_vec(), 400, "MALFORMED_JSON"),
        (Vec::new(), 400, "MALFORMED_JSON"),
        (vec![b' '; 8 * 1024 * 1024 + 1], 413, "BODY_TOO_LARGE"),
    ] {
        let answer = post(&edge, WEBHOOK, &secret, body).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (status, &code.into())
        );
    }
    // Far above what other routes read.
    let mut large = json!({"message": {"type": "conversation-update"}});
    large["message"]["messages"] = "x".repeat(7 * 1024 * 1024).into();
    let answer = post(&edge, WEBHOOK, &secret, large.to_string().into_bytes()).await;
    assert_eq!((answer.status, answer.body), (200, json!({})));
}

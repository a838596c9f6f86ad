//! The inbox, spoken to line by line.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use crate::stage::Stage;

struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(stage: &Stage) -> Self {
        Self(BufReader::new(
            TcpStream::connect(stage.smtp).await.unwrap(),
        ))
    }

    /// The code of the next answer; 0 when the connection is closed.
    async fn hear(&mut self) -> u16 {
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line);
            let read = tokio::time::timeout(Duration::from_secs(20), read).await;
            if !matches!(read.expect("an answer or an end"), Ok(1..)) {
                return 0;
            }
            if line.as_bytes()[3] == b' ' {
                return line[..3].parse().unwrap();
            }
        }
    }

    async fn say(&mut self, line: &str) -> u16 {
        let line = format!("{line}\r\n");
        self.0.get_mut().write_all(line.as_bytes()).await.unwrap();
        self.hear().await
    }

    /// Hands a mail over; gives the last code heard.
    async fn send(&mut self, to: &str) -> u16 {
        let greeting = self.hear().await;
        if greeting != 220 {
            return greeting;
        }
        for (line, code) in [
            ("EHLO test", 250),
            ("MAIL FROM:<voxanne@clinic.example>", 250),
            (&format!("RCPT TO:<{to}>"), 250),
            ("DATA", 354),
        ] {
            let heard = self.say(line).await;
            if heard != code {
                return heard;
            }
        }
        self.say("Subject: Hello\r\n\r\nGood day\r\n..\r\n.").await
    }
}

async fn inbox(stage: &Stage, query: &str) -> Vec<Value> {
    let path = format!("/mail/messages{query}");
    let (status, list) = stage.control(Method::GET, &path, Value::Null).await;
    assert_eq!(status, 200);
    list["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_mail_is_shown_to_whoever_asks_for_its_recipient() {
    let stage = Stage::start().await;
    assert_eq!(
        Client::connect(&stage).await.send("lee@acme.example").await,
        250
    );
    assert_eq!(
        Client::connect(&stage)
            .await
            .send("kim@globex.example")
            .await,
        250
    );
    assert_eq!(inbox(&stage, "").await.len(), 2);
    let items = inbox(&stage, "?to=Lee@acme.example").await;
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["subject"], "Hello");
    assert_eq!(items[0]["text"], "Good day\r\n.\r\n");
    assert_eq!(items[0]["from"], "voxanne@clinic.example");
    stage
        .control(Method::DELETE, "/mail/messages", Value::Null)
        .await;
    assert!(inbox(&stage, "").await.is_empty());
}

#[tokio::test]
async fn the_inbox_misbehaves_on_demand() {
    let stage = Stage::start().await;
    for (mode, heard, arrived) in [
        ("down", 0, 0),
        ("rate_limited", 421, 0),
        ("error", 451, 0),
        ("slow", 250, 1),
        ("timeout_after_accept", 0, 2),
    ] {
        stage
            .fault("mail", mode, json!({"count": 1, "ms": 20}))
            .await;
        let code = Client::connect(&stage).await.send("lee@acme.example").await;
        assert_eq!(code, heard, "{mode}");
        assert_eq!(inbox(&stage, "").await.len(), arrived, "{mode}");
    }
    assert_eq!(
        Client::connect(&stage).await.send("lee@acme.example").await,
        250
    );
}

#[tokio::test]
async fn a_silent_client_does_not_hold_the_sandbox_up() {
    let stage = Stage::start().await;
    let mut client = Client::connect(&stage).await;
    assert_eq!(client.hear().await, 220);
    stage.stop().await;
    assert_eq!(client.hear().await, 0);
}

//! Where the mails go: the sandbox's mail server.

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use voxanne_identity::Smtp;
use voxanne_sandbox::{Config, Listeners, serve};
use voxanne_testkit::eventually;

pub(crate) struct Inbox {
    pub(crate) smtp: Smtp,
    url: String,
    http: Client,
    _stop: DropGuard,
}

impl Inbox {
    pub(crate) async fn start() -> Self {
        let http = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mails = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", http.local_addr().unwrap());
        let smtp = Smtp {
            url: format!("smtp://{}", mails.local_addr().unwrap())
                .parse()
                .unwrap(),
            from: "Voxanne <voxanne@clinic.example>".parse().unwrap(),
        };
        let listeners = Listeners {
            http,
            smtp: Some(mails),
        };
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = serve(Config::default(), listeners, stopped);
        TaskTracker::new().spawn(async move { serving.await.unwrap() });
        Self {
            smtp,
            url,
            http: Client::builder().no_proxy().build().unwrap(),
            _stop: stop.drop_guard(),
        }
    }

    /// Mails to `to`, the newest first.
    pub(crate) async fn mails(&self, to: &str) -> Vec<Value> {
        let url = format!("{}/_sandbox/mail/messages", self.url);
        let request = self.http.get(url).query(&[("to", to)]);
        let list: Value = request.send().await.unwrap().json().await.unwrap();
        list["items"].as_array().unwrap().clone()
    }

    /// Waits for `count` mails to `to`; gives the newest.
    pub(crate) async fn newest(&self, to: &str, count: usize) -> Value {
        eventually(&format!("{count} mails to {to}"), || async {
            self.mails(to).await.len() >= count
        })
        .await;
        let mails = self.mails(to).await;
        assert_eq!(mails.len(), count, "{mails:#?}");
        mails[0].clone()
    }

    /// The token behind the link in the newest of `count` mails to `to`.
    pub(crate) async fn token(&self, to: &str, count: usize) -> String {
        let mail = self.newest(to, count).await;
        let text = mail["text"].as_str().unwrap();
        let (_, token) = text.split_once("#token=").expect("a link with a token");
        token.split_whitespace().next().unwrap().to_owned()
    }

    pub(crate) async fn fault(&self, mode: &str, count: u32) {
        let fault = json!({"target": "mail", "mode": mode, "count": count, "ms": 20});
        let url = format!("{}/_sandbox/faults", self.url);
        let request = self.http.request(Method::POST, url).json(&fault);
        assert_eq!(request.send().await.unwrap().status(), 201);
    }
}

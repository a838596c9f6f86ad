//! Google's side: a sandbox, and what somebody does in its own pages.

use std::net::SocketAddr;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use voxanne_sandbox::{Config, GoogleClient, serve};

pub(crate) const CLIENT: &str = "voxanne-test-client";
pub(crate) const SECRET: &str = "voxanne-test-secret";

pub(crate) struct GoogleSide {
    pub(crate) url: String,
    http: Client,
    _stop: DropGuard,
}

impl GoogleSide {
    pub(crate) async fn start(addr: SocketAddr, callback: &str) -> Self {
        let config = Config {
            google_client: GoogleClient {
                id: CLIENT.to_owned(),
                secret: SECRET.to_owned(),
                redirect_uri: Some(callback.parse().unwrap()),
            },
            ..Config::default()
        };
        let listener = TcpListener::bind(addr).await.unwrap();
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        TaskTracker::new().spawn(async move { serve(config, listener, stopped).await.unwrap() });
        Self {
            url: format!("http://{addr}"),
            http: Client::builder().no_proxy().build().unwrap(),
            _stop: stop.drop_guard(),
        }
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/_sandbox{path}", self.url);
        let request = self.http.request(method, url).json(&body);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }

    /// Consents as `account`; gives the parameters that the browser brings back.
    pub(crate) async fn consent(&self, question: &str, account: &str, more: Value) -> Value {
        let mut body = json!({"url": question, "account": account});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let (status, answer) = self.control(Method::POST, "/google/consent", body).await;
        assert_eq!(status, 200, "{answer}");
        let back: url::Url = answer["location"].as_str().unwrap().parse().unwrap();
        let mut brought = json!({});
        for (name, value) in back.query_pairs() {
            brought[&*name] = value.into();
        }
        brought
    }

    /// Everything in an account's calendar, deleted or not.
    pub(crate) async fn events(&self, account: &str) -> Vec<Value> {
        let path = format!("/google/events?account={account}");
        let (_, answer) = self.control(Method::GET, &path, Value::Null).await;
        answer["items"].as_array().unwrap().clone()
    }

    /// What is in it and not deleted.
    pub(crate) async fn standing(&self, account: &str) -> Vec<Value> {
        let mut events = self.events(account).await;
        events.retain(|event| event["status"] != "cancelled");
        events
    }

    /// The owner adds an event of their own.
    pub(crate) async fn add(&self, account: &str, from: &str, to: &str) -> String {
        let path = format!("/google/events?account={account}");
        let body = json!({
            "summary": "Something private",
            "start": {"dateTime": from},
            "end": {"dateTime": to},
        });
        let (status, event) = self.control(Method::POST, &path, body).await;
        assert_eq!(status, 201, "{event}");
        event["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn change(&self, account: &str, id: &str, change: Value) {
        let path = format!("/google/events/{id}?account={account}");
        let (status, answer) = self.control(Method::PATCH, &path, change).await;
        assert_eq!(status, 200, "{answer}");
    }

    pub(crate) async fn delete(&self, account: &str, id: &str) {
        let path = format!("/google/events/{id}?account={account}");
        let (status, answer) = self.control(Method::DELETE, &path, Value::Null).await;
        assert_eq!(status, 204, "{answer}");
    }

    pub(crate) async fn forget(&self, account: &str, what: &str) {
        let body = json!({"account": account, "what": what});
        let (status, answer) = self.control(Method::POST, "/google/forget", body).await;
        assert_eq!(status, 204, "{answer}");
    }

    pub(crate) async fn connections(&self, account: &str) -> Value {
        let path = format!("/google/connections?account={account}");
        self.control(Method::GET, &path, Value::Null).await.1
    }

    pub(crate) async fn fault(&self, mode: &str, more: Value) {
        let mut fault = json!({"target": "google", "mode": mode});
        for (name, value) in more.as_object().into_iter().flatten() {
            fault[name] = value.clone();
        }
        let (status, answer) = self.control(Method::POST, "/faults", fault).await;
        assert_eq!(status, 201, "{answer}");
    }

    pub(crate) async fn mend(&self) {
        let (status, _) = self.control(Method::DELETE, "/faults", Value::Null).await;
        assert_eq!(status, 204);
    }

    /// Faults that did not strike yet.
    pub(crate) async fn faults_left(&self) -> usize {
        let (_, answer) = self.control(Method::GET, "/faults", Value::Null).await;
        answer["items"].as_array().unwrap().len()
    }
}

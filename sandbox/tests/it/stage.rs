//! A sandbox of its own for every test, with a receiver for its webhooks.

use std::{net::SocketAddr, time::Duration};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use voxanne_sandbox::{Account, Config, Listeners, serve};

use crate::receiver::Receiver;

pub(crate) const ACCOUNT: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
pub(crate) const TOKEN: &str = "acme-auth-token";
pub(crate) const CLINIC: &str = "+15005550006";
pub(crate) const PATIENT: &str = "+15558675310";
pub(crate) const KEY: &str = "acme-vapi-key";

pub(crate) struct Stage {
    pub(crate) url: String,
    pub(crate) http: Client,
    pub(crate) smtp: SocketAddr,
    pub(crate) receiver: Receiver,
    sandbox: TaskTracker,
    stop: DropGuard,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        let tasks = TaskTracker::new();
        let receiver = Receiver::start(&tasks).await;
        let inbound = format!("{}/sms-inbound", receiver.url);
        let config = Config {
            vapi_private_key: KEY.to_owned(),
            twilio_accounts: vec![Account::new(ACCOUNT, TOKEN, [CLINIC]).unwrap()],
            twilio_inbound_url: Some(inbound.parse().unwrap()),
            ..Config::default()
        };
        let listener = TcpListener::bind(config.http_addr).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mails = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let smtp = mails.local_addr().unwrap();
        let listeners = Listeners {
            http: listener,
            smtp: Some(mails),
        };
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let sandbox = TaskTracker::new();
        sandbox.spawn(async move { serve(config, listeners, stopped).await.unwrap() });
        sandbox.close();
        let http = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        Self {
            url,
            http,
            smtp,
            receiver,
            sandbox,
            stop: stop.drop_guard(),
        }
    }

    /// Sends a message; `form` is added to or replaces the usual fields.
    pub(crate) async fn send(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let usual = [("To", PATIENT), ("From", CLINIC), ("Body", "Hello")];
        let usual = usual
            .iter()
            .filter(|(name, _)| form.iter().all(|(given, _)| given != name));
        let form: Vec<_> = usual.chain(form).collect();
        let request = self
            .http
            .post(self.messages())
            .basic_auth(ACCOUNT, Some(TOKEN));
        answer(request.form(&form)).await
    }

    pub(crate) fn messages(&self) -> String {
        format!("{}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", self.url)
    }

    pub(crate) async fn twilio(&self, path: &str) -> (u16, Value) {
        let request = self.http.get(format!("{}{path}", self.url));
        answer(request.basic_auth(ACCOUNT, Some(TOKEN))).await
    }

    pub(crate) async fn vapi(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(KEY);
        answer(if body.is_null() {
            request
        } else {
            request.json(&body)
        })
        .await
    }

    /// Creates a resource and answers with it.
    pub(crate) async fn create(&self, path: &str, body: Value) -> Value {
        let (status, resource) = self.vapi(Method::POST, path, body).await;
        assert_eq!(status, 201, "{resource}");
        resource
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        answer(
            self.http
                .request(method, format!("{}/_sandbox{path}", self.url))
                .json(&body),
        )
        .await
    }

    pub(crate) async fn fault(&self, target: &str, mode: &str, more: Value) {
        let mut fault = json!({"target": target, "mode": mode});
        for (name, value) in more.as_object().into_iter().flatten() {
            fault[name] = value.clone();
        }
        let (status, body) = self.control(Method::POST, "/faults", fault).await;
        assert_eq!(status, 201, "{body}");
    }

    /// Stops the sandbox and waits for its end.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        let ended = tokio::time::timeout(Duration::from_secs(20), self.sandbox.wait()).await;
        ended.expect("the sandbox ends when it is told to");
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let text = response.text().await.expect("a readable answer");
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// What the agent heard of one turn; a tool's result is a line of JSON.
pub(crate) fn heard(call: &Value, turn: usize) -> Value {
    let line = call["turns"][turn]["result"].as_str().unwrap();
    serde_json::from_str(line).unwrap()
}

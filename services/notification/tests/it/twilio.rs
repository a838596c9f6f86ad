//! Twilio's side: a sandbox with one account for each clinic.

use std::net::SocketAddr;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use voxanne_proto::identity::v1::OpenCredentialResponse;
use voxanne_sandbox::{Account, Config, serve};

pub(crate) const ACME: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
pub(crate) const GLOBEX: &str = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const ACME_NUMBER: &str = "+15005550006";
const GLOBEX_NUMBER: &str = "+15005550016";

/// A number that gets every text.
pub(crate) const PATIENT: &str = "+15558675310";
/// Numbers that Twilio reserves for trying out refusals.
pub(crate) const NOT_A_NUMBER: &str = "+15005550001";
pub(crate) const OPTED_OUT: &str = "+15005550004";
/// A number whose texts end undelivered with 30003.
pub(crate) const OUT_OF_REACH: &str = "+15005530003";

fn token(account: &str) -> String {
    format!("token-of-{account}")
}

/// What the vault holds for an account.
pub(crate) fn credential(account: &str) -> OpenCredentialResponse {
    let from = if account == ACME {
        ACME_NUMBER
    } else {
        GLOBEX_NUMBER
    };
    OpenCredentialResponse {
        external_id: account.to_owned(),
        secrets: [("authToken".to_owned(), token(account))].into(),
        settings: [("from".to_owned(), from.to_owned())].into(),
        version: 1,
    }
}

pub(crate) struct TwilioSide {
    pub(crate) url: String,
    http: Client,
    _stop: DropGuard,
}

impl TwilioSide {
    pub(crate) async fn start(addr: SocketAddr) -> Self {
        let config = Config {
            twilio_accounts: vec![
                Account::new(ACME, &token(ACME), [ACME_NUMBER]).unwrap(),
                Account::new(GLOBEX, &token(GLOBEX), [GLOBEX_NUMBER]).unwrap(),
            ],
            ..Config::default()
        };
        let listener = TcpListener::bind(addr).await.unwrap();
        let url = format!("http://{addr}");
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        TaskTracker::new().spawn(async move { serve(config, listener, stopped).await.unwrap() });
        Self {
            url,
            http: Client::builder().no_proxy().build().unwrap(),
            _stop: stop.drop_guard(),
        }
    }

    /// What Twilio took for `to`.
    pub(crate) async fn taken(&self, to: &str) -> Vec<Value> {
        self.messages(&[("to", to)]).await
    }

    /// Everything that Twilio took.
    pub(crate) async fn all(&self) -> Vec<Value> {
        self.messages(&[]).await
    }

    async fn messages(&self, query: &[(&str, &str)]) -> Vec<Value> {
        let url = format!("{}/_sandbox/twilio/messages", self.url);
        let request = self.http.get(url).query(query);
        let list: Value = request.send().await.unwrap().json().await.unwrap();
        list["items"].as_array().unwrap().clone()
    }

    pub(crate) async fn fault(&self, mode: &str, count: Option<u32>) {
        let fault = json!({"target": "twilio", "mode": mode, "count": count});
        let url = format!("{}/_sandbox/faults", self.url);
        let request = self.http.request(Method::POST, url).json(&fault);
        assert_eq!(request.send().await.unwrap().status(), 201);
    }

    /// Sends a text past the service, as a process that died right after would have.
    pub(crate) async fn send(&self, account: &str, to: &str, body: &str) -> String {
        let url = format!("{}/2010-04-01/Accounts/{account}/Messages.json", self.url);
        let from = &credential(account).settings["from"];
        let request = self
            .http
            .post(url)
            .basic_auth(account, Some(token(account)))
            .form(&[("To", to), ("From", from), ("Body", body)]);
        let message: Value = request.send().await.unwrap().json().await.unwrap();
        message["sid"].as_str().unwrap().to_owned()
    }
}

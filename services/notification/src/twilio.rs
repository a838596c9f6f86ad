//! Twilio's messaging API: one call to send a text, one to list what was sent, and a few that ask
//! about an account.
//!
//! Twilio knows no idempotency key for a send. Whoever calls [`Twilio::send`] must know which
//! outcomes mean that nothing was sent: see [`outcome::Outcome`].

pub(crate) mod account;
mod codes;
pub(crate) mod listed;
pub(crate) mod outcome;
pub(crate) mod status;
pub(crate) mod verify;

use std::time::{Duration, Instant};

use jiff::{Timestamp, tz::TimeZone};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use url::Url;
use voxanne_privacy::Private;
use voxanne_telemetry::names;

use self::{
    account::{Account, Sender},
    listed::Listed,
    outcome::Outcome,
};

/// Texts to one recipient within two days; more than these nobody sends.
const LISTED: &str = "200";

/// One text to send.
pub(crate) struct Text<'a> {
    pub(crate) to: &'a Private<String>,
    pub(crate) body: &'a Private<String>,
    /// Where Twilio says how the text fares.
    pub(crate) callback: Url,
    /// How many seconds Twilio may hold it back, 1 to 36000.
    pub(crate) valid_for: u32,
}

/// The list could not be read, so nothing is known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotListed {
    #[error("no answer")]
    NoAnswer(#[source] reqwest::Error),
    #[error("the answer was {0}")]
    Refused(StatusCode),
}

/// A client of Twilio's API.
#[derive(Clone)]
pub(crate) struct Twilio {
    http: Client,
    base: Url,
    /// Messaging services have a host of their own.
    messaging: Url,
}

impl Twilio {
    /// `timeout` bounds each call, connecting included.
    pub(crate) fn new(base: Url, messaging: Url, timeout: Duration) -> reqwest::Result<Self> {
        let http = voxanne_resilience::http::client("voxanne-notification", timeout)?;
        Ok(Self {
            http,
            base,
            messaging,
        })
    }

    pub(crate) async fn send(&self, account: &Account, text: &Text<'_>) -> Outcome {
        let started = Instant::now();
        let valid_for = text.valid_for.to_string();
        let sender = match &account.sender {
            Sender::Number(number) => ("From", number.as_str()),
            Sender::Service(service) => ("MessagingServiceSid", service.as_str()),
        };
        let form = [
            ("To", text.to.expose().as_str()),
            sender,
            ("Body", text.body.expose()),
            ("StatusCallback", text.callback.as_str()),
            ("ValidityPeriod", &valid_for),
        ];
        let request = self.http.post(self.messages(account)).form(&form);
        let outcome = match signed(request, account).send().await {
            Ok(response) => read(response).await,
            Err(error) => unanswered(error),
        };
        measure("send", outcome.word(), started);
        outcome
    }

    /// What Twilio lists for the recipient from the day of `since` on, newest first.
    pub(crate) async fn list(
        &self,
        account: &Account,
        to: &Private<String>,
        since: Timestamp,
    ) -> Result<Vec<Listed>, NotListed> {
        let started = Instant::now();
        let day = since.to_zoned(TimeZone::UTC).date().to_string();
        let query = [
            ("To", to.expose().as_str()),
            ("DateSent>", &day),
            ("PageSize", LISTED),
        ];
        let request = self.http.get(self.messages(account)).query(&query);
        let listed = self.read_list(signed(request, account)).await;
        let outcome = if listed.is_ok() { "ok" } else { "failed" };
        measure("list", outcome, started);
        listed
    }

    async fn read_list(&self, request: RequestBuilder) -> Result<Vec<Listed>, NotListed> {
        #[derive(Deserialize)]
        struct List {
            messages: Vec<Listed>,
        }
        // The URL holds the recipient's number, so it must not reach an error report.
        let no_answer = |error: reqwest::Error| NotListed::NoAnswer(error.without_url());
        let response = request.send().await.map_err(no_answer)?;
        if response.status() != StatusCode::OK {
            return Err(NotListed::Refused(response.status()));
        }
        let list: List = response.json().await.map_err(no_answer)?;
        Ok(list.messages)
    }

    fn messages(&self, account: &Account) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .expect("the configured base is an http URL")
            .pop_if_empty()
            .extend(["2010-04-01", "Accounts", &account.sid, "Messages.json"]);
        url
    }
}

fn signed(request: RequestBuilder, account: &Account) -> RequestBuilder {
    request.basic_auth(&account.user, Some(account.password.expose_secret()))
}

async fn read(response: Response) -> Outcome {
    let status = response.status().as_u16();
    let retry_after = response
        .headers()
        .get(reqwest::header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    // An answer that breaks off says no more than its status.
    let body = response.bytes().await.unwrap_or_default();
    outcome::classify(status, retry_after, &body)
}

/// Before a connection stands nothing can have been sent; after that everything may have been.
fn unanswered(error: reqwest::Error) -> Outcome {
    let outcome = if error.is_connect() || error.is_builder() {
        Outcome::NotSent
    } else {
        Outcome::Unknown
    };
    tracing::warn!(
        error = format!("{:#}", anyhow::Error::new(error.without_url())),
        outcome = outcome.word(),
        "Twilio did not answer"
    );
    outcome
}

fn measure(operation: &'static str, outcome: &'static str, started: Instant) {
    metrics::histogram!(
        names::PROVIDER_REQUEST_SECONDS,
        "provider" => "twilio", "operation" => operation, "outcome" => outcome
    )
    .record(started.elapsed());
}

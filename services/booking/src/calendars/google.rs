//! Google's calendar API: one person's events, written, listed and watched.

pub(crate) mod answer;
pub(crate) mod failure;
pub(crate) mod oauth;
pub(crate) mod page;

use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder, Response, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;
use voxanne_telemetry::names;

use self::{answer::Event, failure::Failure};

/// The calendar that everybody has.
const CALENDAR: &str = "primary";
/// Nobody outside is told of what we write.
const QUIET: (&str, &str) = ("sendUpdates", "none");
/// An answer larger than this is none of Google's.
const LARGEST: usize = 8 * 1024 * 1024;

/// A client of the calendar API.
#[derive(Clone)]
pub(crate) struct Google {
    http: Client,
    base: Url,
}

/// One call.
pub(crate) struct Call<'a> {
    /// For the metrics.
    pub(crate) name: &'static str,
    pub(crate) method: Method,
    /// Below the calendar, such as `events`; from the root of the API with [`Call::of_root`].
    path: Vec<&'a str>,
    query: Vec<(&'static str, String)>,
    if_match: Option<&'a str>,
    body: Option<Value>,
}

impl<'a> Call<'a> {
    fn new(name: &'static str, method: Method, below: &[&'a str]) -> Self {
        let path = ["calendars", CALENDAR].iter().chain(below);
        Self {
            name,
            method,
            path: path.copied().collect(),
            query: Vec::new(),
            if_match: None,
            body: None,
        }
    }

    pub(crate) fn insert(event: Value) -> Self {
        let mut call = Self::new("insert", Method::POST, &["events"]);
        call.query = vec![(QUIET.0, QUIET.1.to_owned())];
        call.body = Some(event);
        call
    }

    pub(crate) fn get(id: &'a str) -> Self {
        Self::new("get", Method::GET, &["events", id])
    }

    /// Changes the event, if it still is as `etag` says.
    pub(crate) fn patch(id: &'a str, change: Value, etag: Option<&'a str>) -> Self {
        let mut call = Self::new("patch", Method::PATCH, &["events", id]);
        call.query = vec![(QUIET.0, QUIET.1.to_owned())];
        call.if_match = etag;
        call.body = Some(change);
        call
    }

    pub(crate) fn delete(id: &'a str) -> Self {
        let mut call = Self::new("delete", Method::DELETE, &["events", id]);
        call.query = vec![(QUIET.0, QUIET.1.to_owned())];
        call
    }

    pub(crate) fn list(query: Vec<(&'static str, String)>) -> Self {
        let mut call = Self::new("list", Method::GET, &["events"]);
        call.query = query;
        call
    }

    pub(crate) fn watch(channel: Value) -> Self {
        let mut call = Self::new("watch", Method::POST, &["events", "watch"]);
        call.body = Some(channel);
        call
    }

    pub(crate) fn stop(channel: Value) -> Self {
        let mut call = Self::new("stop", Method::POST, &[]);
        call.path = vec!["channels", "stop"];
        call.body = Some(channel);
        call
    }
}

impl Google {
    /// `timeout` bounds each call, connecting included.
    pub(crate) fn new(base: Url, timeout: Duration) -> reqwest::Result<Self> {
        let http = voxanne_resilience::http::client("voxanne-booking", timeout)?;
        Ok(Self { http, base })
    }

    pub(crate) const fn http(&self) -> &Client {
        &self.http
    }

    /// Makes one call in the name of whoever `access` was given by.
    pub(crate) async fn call(
        &self,
        access: &SecretString,
        call: &Call<'_>,
    ) -> Result<Value, Failure> {
        let started = Instant::now();
        let outcome = match self.request(access, call).send().await {
            Ok(response) => read(response).await,
            Err(error) => Err(unanswered(error)),
        };
        let word = outcome.as_ref().err().map_or("ok", Failure::word);
        measure(call.name, word, started);
        outcome
    }

    /// The same for a call that is answered with an event.
    pub(crate) fn event(answer: &Value) -> Result<Event, Failure> {
        Event::read(answer).ok_or(Failure::Unreadable)
    }

    fn request(&self, access: &SecretString, call: &Call<'_>) -> RequestBuilder {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .expect("the configured base is an http URL")
            .pop_if_empty()
            .extend(["calendar", "v3"])
            .extend(&call.path);
        let mut request = self
            .http
            .request(call.method.clone(), url)
            .bearer_auth(access.expose_secret());
        if !call.query.is_empty() {
            request = request.query(&call.query);
        }
        if let Some(etag) = call.if_match {
            request = request.header(header::IF_MATCH, etag);
        }
        match &call.body {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

async fn read(mut response: Response) -> Result<Value, Failure> {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unanswered)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LARGEST {
            return Err(Failure::Unreadable);
        }
    }
    if status.is_success() {
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        return serde_json::from_slice(&bytes).map_err(|_| Failure::Unreadable);
    }
    Err(Failure::classify(status.as_u16(), retry_after, &bytes))
}

/// Whether the call reached Google is unknown; every write of ours may be made twice.
fn unanswered(error: reqwest::Error) -> Failure {
    tracing::warn!(
        error = format!("{:#}", anyhow::Error::new(error.without_url())),
        "Google did not answer"
    );
    Failure::Away
}

pub(super) fn measure(operation: &'static str, outcome: &'static str, started: Instant) {
    metrics::histogram!(
        names::PROVIDER_REQUEST_SECONDS,
        "provider" => "google", "operation" => operation, "outcome" => outcome
    )
    .record(started.elapsed());
}

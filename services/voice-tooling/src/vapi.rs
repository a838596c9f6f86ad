//! Vapi's REST interface, as far as the platform uses it.

use std::time::{Duration, Instant};

use reqwest::{Client, Method, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;
use voxanne_resilience::{Breakers, Tolerance};
use voxanne_telemetry::names;

/// No call to Vapi takes longer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Vapi's own page length.
const PAGE: usize = 100;
/// Pages read of one list; more would mean that the list is not what it should be.
const PAGES: usize = 100;
/// Messages of a refusal that are kept.
const MESSAGES: usize = 5;

/// A failed call.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("Vapi did not answer")]
    Silent(#[source] reqwest::Error),
    #[error("{}", refusal(*status, messages))]
    Refused {
        status: StatusCode,
        /// What Vapi says of the request, field by field.
        messages: Vec<String>,
    },
    #[error("Vapi answered something that could not be read")]
    Unreadable,
    #[error("calls to Vapi are paused after repeated failures")]
    Paused,
    #[error("the attempt took too long")]
    OutOfTime,
    #[error("the service is stopping")]
    Stopping,
}

impl Error {
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == StatusCode::NOT_FOUND)
    }

    pub(crate) fn is_key_refused(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if matches!(status.as_u16(), 401 | 403))
    }

    /// Whether Vapi refused a request for holding `property`.
    pub(crate) fn refuses_property(&self, property: &str) -> bool {
        let complaint = format!("property {property} should not exist");
        matches!(self, Self::Refused { messages, .. } if messages.contains(&complaint))
    }
}

fn refusal(status: StatusCode, messages: &[String]) -> String {
    match status.as_u16() {
        401 | 403 => "Vapi refused the platform's key".to_owned(),
        429 => "Vapi asked for fewer requests".to_owned(),
        500.. => format!("Vapi is in trouble (HTTP {})", status.as_u16()),
        code if messages.is_empty() => format!("Vapi refused the request (HTTP {code})"),
        _ => format!("Vapi refused the request: {}", messages.join("; ")),
    }
}

/// The platform's account at Vapi.
pub(crate) struct Vapi {
    http: Client,
    base: Url,
    key: SecretString,
    breakers: Breakers<()>,
    shutdown: CancellationToken,
}

impl Vapi {
    pub(crate) fn new(
        base: Url,
        key: SecretString,
        shutdown: CancellationToken,
    ) -> reqwest::Result<Self> {
        let tolerance = Tolerance {
            open_for: Duration::from_secs(2),
            open_at_most: Duration::from_secs(30),
            ..Tolerance::default()
        };
        Ok(Self {
            http: voxanne_resilience::http::client("voxanne", TIMEOUT)?,
            base,
            key,
            breakers: Breakers::new(tolerance, 1),
            shutdown,
        })
    }

    /// Calls that together take at most `budget`.
    pub(crate) fn within(&self, budget: Duration) -> Session<'_> {
        Session {
            vapi: self,
            until: Instant::now() + budget,
        }
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }
}

/// A number of calls to Vapi within one budget of time.
pub(crate) struct Session<'a> {
    vapi: &'a Vapi,
    until: Instant,
}

impl Session<'_> {
    pub(crate) async fn get(&self, kind: &str, id: &str) -> Result<Value, Error> {
        let url = self.vapi.url(&format!("/{kind}/{id}"));
        self.call(Method::GET, url, None).await
    }

    pub(crate) async fn create(&self, kind: &str, body: &Value) -> Result<Value, Error> {
        let url = self.vapi.url(&format!("/{kind}"));
        self.call(Method::POST, url, Some(body)).await
    }

    pub(crate) async fn patch(&self, kind: &str, id: &str, body: &Value) -> Result<Value, Error> {
        let url = self.vapi.url(&format!("/{kind}/{id}"));
        self.call(Method::PATCH, url, Some(body)).await
    }

    /// Everything of `kind`, or what was made since a moment.
    ///
    /// Pages follow each other by time of creation. The bound includes its own moment, because
    /// several resources may share it; what comes twice is dropped.
    pub(crate) async fn list(
        &self,
        kind: &str,
        since: Option<jiff::Timestamp>,
    ) -> Result<Vec<Value>, Error> {
        let mut found: Vec<Value> = Vec::new();
        let mut until: Option<String> = None;
        for _ in 0..PAGES {
            let mut url = self.vapi.url(&format!("/{kind}"));
            if let Some(since) = since {
                url.query_pairs_mut()
                    .append_pair("createdAtGe", &since.to_string());
            }
            if let Some(until) = &until {
                url.query_pairs_mut().append_pair("createdAtLe", until);
            }
            let Value::Array(page) = self.call(Method::GET, url, None).await? else {
                return Err(Error::Unreadable);
            };
            let (length, known) = (page.len(), found.len());
            for item in page {
                if found.iter().all(|other| other["id"] != item["id"]) {
                    found.push(item);
                }
            }
            until = found
                .last()
                .and_then(|last| last["createdAt"].as_str())
                .map(str::to_owned);
            if length < PAGE || found.len() == known || until.is_none() {
                break;
            }
        }
        Ok(found)
    }

    async fn call(&self, method: Method, url: Url, body: Option<&Value>) -> Result<Value, Error> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::OutOfTime);
        }
        let permit = self.vapi.breakers.permit(&()).map_err(|_| Error::Paused)?;
        let started = Instant::now();
        let operation = method.to_string();
        let request = self.send(method, url, body, left.min(TIMEOUT));
        let Some(outcome) = self.vapi.shutdown.run_until_cancelled(request).await else {
            return Err(Error::Stopping);
        };
        if is_trouble(&outcome) {
            permit.failed();
        } else {
            permit.succeeded();
        }
        let outcome_label = if outcome.is_ok() { "ok" } else { "failed" };
        metrics::histogram!(
            names::PROVIDER_REQUEST_SECONDS,
            "provider" => "vapi",
            "operation" => operation,
            "outcome" => outcome_label
        )
        .record(started.elapsed());
        outcome
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
        timeout: Duration,
    ) -> Result<Value, Error> {
        let mut request = self
            .vapi
            .http
            .request(method, url)
            .bearer_auth(self.vapi.key.expose_secret())
            .timeout(timeout);
        if let Some(body) = body {
            request = request.json(body);
        }
        let silent = |error: reqwest::Error| Error::Silent(error.without_url());
        let response = request.send().await.map_err(silent)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(silent)?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|_| Error::Unreadable);
        }
        Err(Error::Refused {
            status,
            messages: messages(&bytes),
        })
    }
}

/// Whether the account or Vapi itself is in trouble, and not one request.
fn is_trouble(outcome: &Result<Value, Error>) -> bool {
    match outcome {
        Err(Error::Silent(_)) => true,
        Err(Error::Refused { status, .. }) => {
            status.is_server_error() || matches!(status.as_u16(), 401 | 403 | 429)
        }
        Ok(_) | Err(Error::Unreadable | Error::Paused | Error::OutOfTime | Error::Stopping) => {
            false
        }
    }
}

/// The `message` of an error answer: a list of complaints, or one sentence.
fn messages(body: &[u8]) -> Vec<String> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let texts = match &answer["message"] {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::String(text) => vec![text.as_str()],
        _ => Vec::new(),
    };
    texts
        .into_iter()
        .take(MESSAGES)
        .map(|text| text.chars().take(200).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_read_in_both_forms() {
        assert_eq!(messages(br#"{"message":["a","b"]}"#), ["a", "b"]);
        assert_eq!(messages(br#"{"message":"a"}"#), ["a"]);
        assert_eq!(messages(b"<html>"), [""; 0]);
    }

    #[test]
    fn a_cause_is_a_phrase_without_a_body() {
        let refused = |status: u16, messages: &[&str]| Error::Refused {
            status: StatusCode::from_u16(status).unwrap(),
            messages: messages.iter().map(|&text| text.to_owned()).collect(),
        };
        for (error, said) in [
            (
                refused(401, &["Invalid Key."]),
                "Vapi refused the platform's key",
            ),
            (refused(503, &[]), "Vapi is in trouble (HTTP 503)"),
            (
                refused(400, &["property type should not exist"]),
                "Vapi refused the request: property type should not exist",
            ),
        ] {
            assert_eq!(error.to_string(), said);
        }
        assert!(refused(404, &[]).is_gone());
        assert!(refused(400, &["property type should not exist"]).refuses_property("type"));
    }
}

//! Plain HTTP to the processes of the fleet, as any client would speak it.

use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::Agent;
use ureq::http::{Method, Request};

static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(15)))
        // A proxy of the person's environment knows nothing of this machine.
        .proxy(None)
        .build()
        .into()
});

/// Whether a URL answers with success within a second.
pub(crate) fn answers(url: &str) -> bool {
    let request = AGENT
        .get(url)
        .config()
        .timeout_global(Some(Duration::from_secs(1)))
        .build();
    request
        .call()
        .is_ok_and(|response| response.status().is_success())
}

/// An answer with its body read as JSON, which is null when it is none.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of a success; anything else is an error that names the request.
    pub(crate) fn success(self, what: &str) -> Result<Value> {
        if !(200..300).contains(&self.status) {
            bail!("{what} answered {} {}", self.status, self.body);
        }
        Ok(self.body)
    }
}

/// Asks for a URL with no login.
pub(crate) fn get(url: &str) -> Result<Answer> {
    send(Method::GET, url, None, None)
}

/// Sends one request with an optional bearer token and JSON body.
pub(crate) fn send(
    method: Method,
    url: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Result<Answer> {
    let mut request = Request::builder().method(method).uri(url);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let text = match body {
        Some(body) => {
            request = request.header("content-type", "application/json");
            body.to_string()
        }
        None => String::new(),
    };
    let mut response = AGENT
        .run(request.body(text)?)
        .with_context(|| format!("no answer from {url}"))?;
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap_or_default();
    Ok(Answer {
        status,
        body: serde_json::from_str(&text).unwrap_or(Value::Null),
    })
}

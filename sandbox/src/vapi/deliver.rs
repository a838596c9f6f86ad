//! Sends one webhook to a server that an assistant or a tool names.

use std::time::Duration;

use serde_json::Value;

use super::{auth, resources::Kind};
use crate::{
    Sandbox, clock,
    faults::{Mode, Target},
};

const DEFAULT_TIMEOUT_SECONDS: f64 = 20.0;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Posts `envelope` and answers with what came back, or why nothing did.
pub(crate) async fn post(
    sandbox: &Sandbox,
    server: &Value,
    call_id: &str,
    envelope: &Value,
) -> Result<Answer, String> {
    let answer = once(sandbox, server, call_id, envelope).await;
    if sandbox
        .faults
        .strikes(Target::Vapi, Mode::DuplicateCallbacks)
        && let Err(error) = once(sandbox, server, call_id, envelope).await
    {
        tracing::info!(error, "the duplicate of a webhook was not answered");
    }
    answer
}

async fn once(
    sandbox: &Sandbox,
    server: &Value,
    call_id: &str,
    envelope: &Value,
) -> Result<Answer, String> {
    let url = server["url"]
        .as_str()
        .ok_or("no server URL is configured")?;
    let body = envelope.to_string();
    let credential = server["credentialId"].as_str();
    let credential = credential.and_then(|id| sandbox.vapi.shelf(Kind::Credential).get(id));
    let plan = credential.map_or(Value::Null, |credential| {
        credential["authenticationPlan"].clone()
    });
    let signed = auth::Signed {
        url,
        body: &body,
        timestamp: clock::now().as_second(),
    };
    let mut request = sandbox
        .outbound
        .client
        .post(url)
        .header("user-agent", "axios/1.8.3")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/plain, */*")
        .header("x-call-id", call_id)
        .header("cookie", format!("callId={call_id}"))
        .timeout(timeout(server));
    for (name, value) in auth::headers(server, &plan, &signed) {
        request = request.header(name, value);
    }
    let response = request.body(body).send().await.map_err(told)?;
    let status = response.status().as_u16();
    let body = response.text().await.map_err(told)?;
    Ok(Answer { status, body })
}

fn timeout(server: &Value) -> Duration {
    let seconds = server["timeoutSeconds"]
        .as_f64()
        .unwrap_or(DEFAULT_TIMEOUT_SECONDS);
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::from_secs(20))
}

fn told(error: reqwest::Error) -> String {
    if error.is_timeout() {
        "no answer within the server's timeoutSeconds".to_owned()
    } else {
        error.without_url().to_string()
    }
}

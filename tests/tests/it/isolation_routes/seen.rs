//! Refusals, and what has to be the same in all of them.

use reqwest::{Method, StatusCode, header};
use serde_json::Value;

use super::Scene;

/// What a client can tell refusals apart by.
pub(super) type Seen = (StatusCode, Value, Value, Value);

impl Scene {
    /// The answer, once it is well formed.
    pub(super) async fn seen(
        &self,
        method: &Method,
        url: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<Seen, String> {
        let url = format!("http://{}{url}", self.fleet.gateway);
        let mut request = self.fleet.http.request(method.clone(), url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if *method != Method::GET {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
        let id = answer.headers().get("x-request-id").cloned();
        let text = answer.text().await.map_err(|error| error.to_string())?;
        if status.is_success() {
            return Ok((status, Value::Null, Value::Null, Value::Null));
        }
        let problem: Value =
            serde_json::from_str(&text).map_err(|_| format!("{status}: {text}"))?;
        let whole = kind.is_some_and(|kind| kind == "application/problem+json")
            && ["type", "title", "detail", "code"]
                .iter()
                .all(|field| problem[field].is_string())
            && problem["status"] == status.as_u16()
            && id.is_some_and(|id| problem["requestId"].as_str() == id.to_str().ok());
        if !whole {
            return Err(format!("{status}: not a whole problem: {text}"));
        }
        Ok((
            status,
            problem["code"].clone(),
            problem["detail"].clone(),
            problem["errors"].clone(),
        ))
    }
}

//! Refusals, and what has to be the same in all of them.

use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::{self, HeaderValue},
};
use serde_json::Value;
use voxanne_tests::Clinic;

use super::Scene;

/// What a client can tell refusals apart by.
pub(super) type Seen = (StatusCode, Value, Value, Value);

impl Scene {
    /// What a request comes to.
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
        read(request).await
    }

    /// Errors that no handler makes are problems too.
    pub(super) async fn what_no_route_takes(&self, clinic: &Clinic) -> Vec<String> {
        let bookings = clinic.path("/bookings");
        let large = format!("\"{}\"", "x".repeat(300 * 1024));
        let json = "application/json";
        let mut wrong = Vec::new();
        for (method, path, (kind, body), expected) in [
            (Method::GET, "/nowhere", (json, ""), 404),
            (Method::GET, &clinic.path("/nowhere"), (json, ""), 404),
            (
                Method::GET,
                &clinic.path("/bookings/not-an-id"),
                (json, ""),
                404,
            ),
            (Method::DELETE, &bookings, (json, ""), 405),
            (
                Method::GET,
                &clinic.path("/bookings?limit=0"),
                (json, ""),
                400,
            ),
            (
                Method::GET,
                &clinic.path("/bookings?limit=1&limit=2"),
                (json, ""),
                400,
            ),
            (Method::POST, &bookings, (json, ""), 400),
            (Method::POST, &bookings, (json, "{"), 400),
            (Method::POST, &bookings, (json, "[]"), 400),
            (Method::POST, &bookings, (json, "{}"), 400),
            (Method::POST, &bookings, ("text/plain", "{}"), 415),
            // Last, as the gateway closes the connection that it stops reading from.
            (Method::POST, &bookings, (json, &large), 413),
        ] {
            let url = format!("http://{}{path}", self.fleet.gateway);
            let request = self.fleet.http.request(method.clone(), url);
            let request = request
                .bearer_auth(&clinic.token)
                .header(header::CONTENT_TYPE, kind)
                .body(body.to_owned());
            match read(request).await {
                Ok((status, ..)) if status == expected => {}
                other => wrong.push(format!("{method} {path} instead of {expected}: {other:?}")),
            }
        }
        wrong
    }
}

/// A refusal as FHIR tells it, if it is whole.
fn outcome(
    status: StatusCode,
    outcome: &Value,
    headers: Option<(HeaderValue, HeaderValue)>,
) -> Option<Seen> {
    let (kind, id) = headers?;
    let request = outcome["extension"][0]["valueString"].as_str()?;
    let first = &outcome["issue"][0];
    let code = &first["details"]["coding"][0]["code"];
    let whole = kind == "application/fhir+json"
        && id.to_str().ok() == Some(request)
        && code.is_string()
        && first["details"]["text"].is_string();
    whole.then(|| {
        let text = first["details"]["text"].clone();
        (status, code.clone(), text, outcome["issue"].clone())
    })
}

/// The answer, once it is well formed.
async fn read(request: RequestBuilder) -> Result<Seen, String> {
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let status = answer.status();
    let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
    let id = answer.headers().get("x-request-id").cloned();
    let text = answer.text().await.map_err(|error| error.to_string())?;
    if status.is_success() {
        return Ok((status, Value::Null, Value::Null, Value::Null));
    }
    let problem: Value = serde_json::from_str(&text).map_err(|_| format!("{status}: {text}"))?;
    if problem["resourceType"] == "OperationOutcome" {
        return outcome(status, &problem, kind.zip(id)).ok_or(format!("{status}: {text}"));
    }
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

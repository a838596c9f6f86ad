//! A [`Problem`] as the answer to a request: RFC 9457 `problem+json`.

use std::{any::Any, borrow::Cow};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tonic::Status;
use utoipa::ToSchema;
use voxanne_limits::Standing;
use voxanne_problem::{Kind, Problem};

use crate::{limits, request_id};

pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request got no ordinary answer; what every handler and layer returns as its error.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    problem: Problem,
    /// What is left of the limit that refused.
    standing: Option<Standing>,
}

impl Refusal {
    #[must_use]
    pub(crate) const fn with_standing(mut self, standing: Standing) -> Self {
        self.standing = Some(standing);
        self
    }

    /// For the few HTTP statuses that no [`Kind`] stands for.
    pub fn with_status(status: StatusCode, reason: &'static str, message: &'static str) -> Self {
        let problem = Problem::new(Kind::Invalid, reason, message);
        Self {
            status,
            problem,
            standing: None,
        }
    }

    pub fn too_large() -> Self {
        Self::with_status(
            StatusCode::PAYLOAD_TOO_LARGE,
            "BODY_TOO_LARGE",
            "the body is larger than this route reads",
        )
    }

    /// Calls fields as the clients of a route do, where a service knows them under other names.
    #[must_use]
    pub(crate) fn renamed(mut self, names: &[(&str, &str)]) -> Self {
        for wrong in &mut self.problem.violations {
            // Of `patient.phone` the route knows `patient`.
            let known = wrong.field.split('.').next().unwrap_or_default();
            if let Some((_, name)) = names.iter().find(|(ours, _)| *ours == known) {
                (*name).clone_into(&mut wrong.field);
            }
        }
        self
    }

    pub const fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<Refusal> for ProblemReply {
    fn from(refusal: Refusal) -> Self {
        document(refusal.status, refusal.problem)
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let status = match problem.kind {
            Kind::Invalid => StatusCode::BAD_REQUEST,
            Kind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Gone => StatusCode::GONE,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self {
            status,
            problem,
            standing: None,
        }
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        // A service that refuses our own context is our mistake, and signing in mends nothing.
        let problem = Problem::from(status);
        if problem.kind == Kind::Unauthenticated
            && ["CONTEXT_REFUSED", "NO_TENANT", "NOT_SYSTEM"].contains(&&*problem.reason)
        {
            return Problem::internal(problem).into();
        }
        problem.into()
    }
}

/// What is wrong with a request and what to do about it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemReply {
    /// A URN that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: Cow<'static, str>,
    pub status: u16,
    /// A sentence that may be shown to a person.
    pub detail: String,
    /// Stable, in `SCREAMING_SNAKE`.
    pub code: Cow<'static, str>,
    /// Tell it to support.
    pub request_id: String,
    /// Every field that is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldProblem>,
    /// What else helps to go on, e.g. `alternatives` to a slot that is taken.
    #[serde(flatten)]
    #[schema(ignore)]
    pub more: Map<String, Value>,
}

/// One field that is wrong.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FieldProblem {
    /// As the client wrote it, e.g. `patient.phone`.
    pub field: String,
    pub code: String,
    pub detail: String,
}

impl ProblemReply {
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and JSON values serialise")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self {
            status,
            problem,
            standing,
        } = self;
        problem.log();
        tracing::debug!({ voxanne_telemetry::names::PROBLEM_REASON } = %problem.reason, "refused");
        let retry_after = problem.retry_after;
        let reply = document(status, problem);
        let mut response = Response::new(Body::from(reply.to_json()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = retry_after {
            let seconds = limits::seconds(wait).max(1);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(standing) = standing {
            limits::write(&standing, headers);
        }
        response.extensions_mut().insert(reply);
        response
    }
}

fn document(status: StatusCode, problem: Problem) -> ProblemReply {
    let more = problem
        .extension
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default();
    ProblemReply {
        kind: format!("urn:voxanne:problem:{}", problem.reason),
        title: status.canonical_reason().unwrap_or("Problem").into(),
        status: status.as_u16(),
        detail: problem.message,
        code: problem.reason,
        request_id: request_id::current(),
        errors: problem
            .violations
            .into_iter()
            .map(|wrong| FieldProblem {
                field: wrong.field,
                code: wrong.code,
                detail: wrong.detail,
            })
            .collect(),
        more,
    }
}

/// Gives an error that a library answered, a 404 of the router or a timeout, the form of all others.
pub(crate) async fn unify(response: Response) -> Response {
    let status = response.status();
    let made_here = response.extensions().get::<ProblemReply>().is_some();
    if made_here || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let Some((code, detail)) = of_status(status) else {
        return response;
    };
    let mut unified = Refusal::with_status(status, code, detail).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        unified.headers_mut().insert(header::ALLOW, allow.clone());
    }
    unified
}

const fn of_status(status: StatusCode) -> Option<(&'static str, &'static str)> {
    Some(match status {
        StatusCode::NOT_FOUND => ("NOT_FOUND", "there is nothing at this address"),
        StatusCode::METHOD_NOT_ALLOWED => (
            "METHOD_NOT_ALLOWED",
            "this address does not know the method; see the header Allow",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("BODY_TOO_LARGE", "the body is larger than this route reads")
        }
        StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => {
            ("DEADLINE_EXCEEDED", "the answer took too long")
        }
        StatusCode::INTERNAL_SERVER_ERROR => ("INTERNAL", "something went wrong on our side"),
        StatusCode::BAD_REQUEST => ("INVALID", "the request is not well formed"),
        StatusCode::UPGRADE_REQUIRED => ("UPGRADE_REQUIRED", "this address speaks WebSocket"),
        _ => return None,
    })
}

/// A handler that panicked; what it said stays here.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Refusal::from(Problem::internal("a handler panicked")).into_response()
}

//! Refusals as FHIR tells them.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    BELOW, FHIR_JSON, id,
    types::{Extension, Reference},
};
use crate::reply::ProblemReply;

/// The system of the stable codes.
const CODES: &str = "urn:voxanne:problem";
/// The system of what is wrong with one parameter.
const FIELD_CODES: &str = "urn:voxanne:problem:field";
/// A free slot instead of one that is taken.
const ALTERNATIVE: &str = "urn:voxanne:fhir:alternative";
/// The name of the request, to be told to support.
const REQUEST_ID: &str = "urn:voxanne:fhir:request-id";

/// Why something was not done.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FhirOperationOutcome)]
pub(crate) struct OperationOutcome {
    /// `OperationOutcome`.
    resource_type: &'static str,
    extension: Vec<Extension>,
    issue: Vec<Issue>,
}

/// One thing that is wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = FhirIssue)]
struct Issue {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    extension: Vec<Extension>,
    /// error.
    severity: &'static str,
    /// R4's own word for the kind of problem.
    code: &'static str,
    details: Details,
    /// The parameter, if it is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    expression: Vec<String>,
}

/// The stable code, and a sentence that may be shown to a person.
#[derive(Serialize, ToSchema)]
#[schema(as = FhirIssueDetails)]
struct Details {
    coding: Vec<Code>,
    text: String,
}

/// A code of ours.
#[derive(Serialize, ToSchema)]
#[schema(as = FhirIssueCode)]
struct Code {
    system: &'static str,
    code: String,
}

/// Gives every refusal below an organisation's `/fhir` the form that FHIR has for it, whichever
/// layer refused.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let is_fhir = is_below(request.uri().path());
    let mut response = next.run(request).await;
    if !is_fhir {
        return response;
    }
    let Some(reply) = response.extensions().get::<ProblemReply>() else {
        return response;
    };
    let Ok(text) = serde_json::to_string(&OperationOutcome::of(reply)) else {
        return response;
    };
    *response.body_mut() = Body::from(text);
    let headers = response.headers_mut();
    // They tell of the body that was.
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::CONTENT_ENCODING);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FHIR_JSON));
    response
}

fn is_below(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/api/org/") else {
        return false;
    };
    let below = rest.find('/').map_or("", |at| &rest[at..]);
    below
        .strip_prefix(BELOW)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl OperationOutcome {
    fn of(reply: &ProblemReply) -> Self {
        let kind = kind(reply);
        let code = |system, code: &str| Code {
            system,
            code: code.to_owned(),
        };
        let of_fields = reply.errors.iter().map(|wrong| Issue {
            extension: Vec::new(),
            severity: "error",
            code: if wrong.code == "REQUIRED" {
                "required"
            } else {
                "value"
            },
            details: Details {
                coding: vec![code(CODES, &reply.code), code(FIELD_CODES, &wrong.code)],
                text: wrong.detail.clone(),
            },
            expression: vec![wrong.field.clone()],
        });
        let mut issue: Vec<_> = of_fields.collect();
        if issue.is_empty() {
            issue.push(Issue {
                extension: alternatives(reply),
                severity: "error",
                code: kind,
                details: Details {
                    coding: vec![code(CODES, &reply.code)],
                    text: reply.detail.clone(),
                },
                expression: Vec::new(),
            });
        }
        Self {
            resource_type: "OperationOutcome",
            extension: vec![Extension {
                url: REQUEST_ID,
                value_string: Some(reply.request_id.clone()),
                ..Extension::NONE
            }],
            issue,
        }
    }
}

/// R4's word for the kind of problem.
fn kind(reply: &ProblemReply) -> &'static str {
    match (StatusCode::from_u16(reply.status), &*reply.code) {
        (_, "TOKEN_EXPIRED") => "expired",
        (Ok(StatusCode::BAD_REQUEST), _) => "invalid",
        (Ok(StatusCode::UNAUTHORIZED), _) => "login",
        (Ok(StatusCode::FORBIDDEN), _) => "forbidden",
        (Ok(StatusCode::NOT_FOUND), _) => "not-found",
        (Ok(StatusCode::GONE), _) => "deleted",
        (Ok(StatusCode::CONFLICT), _) => "conflict",
        (Ok(StatusCode::UNPROCESSABLE_ENTITY), _) => "business-rule",
        (Ok(StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG), _) => "too-long",
        (Ok(StatusCode::METHOD_NOT_ALLOWED | StatusCode::UNSUPPORTED_MEDIA_TYPE), _) => {
            "not-supported"
        }
        (Ok(StatusCode::TOO_MANY_REQUESTS), _) => "throttled",
        (Ok(StatusCode::SERVICE_UNAVAILABLE), _) => "transient",
        (Ok(StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT), _) => "timeout",
        (Ok(StatusCode::INTERNAL_SERVER_ERROR), _) => "exception",
        _ => "processing",
    }
}

/// The free slots that came with the refusal, as references.
fn alternatives(reply: &ProblemReply) -> Vec<Extension> {
    let listed = reply.more.get("alternatives").and_then(Value::as_array);
    let slots = listed.into_iter().flatten();
    let extensions = slots.filter_map(|slot| {
        let text = |name: &str| slot.get(name).and_then(Value::as_str);
        let mut reference = Reference::at(format!("Slot/{}", id::written_slot(text("slotId")?)));
        reference.display = text("localTime").map(Into::into);
        Some(Extension {
            url: ALTERNATIVE,
            value_reference: Some(reference),
            ..Extension::NONE
        })
    });
    extensions.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_fhir_is_refused_in_fhir() {
        for (path, is_fhir) in [
            ("/api/org/org_1/fhir", true),
            ("/api/org/org_1/fhir/", true),
            ("/api/org/org_1/fhir/Slot", true),
            ("/api/org/org_1/fhirx", false),
            ("/api/org/org_1/bookings/fhir", false),
            ("/api/org/fhir", false),
            ("/api/org", false),
            ("/", false),
        ] {
            assert_eq!(is_below(path), is_fhir, "{path}");
        }
    }
}

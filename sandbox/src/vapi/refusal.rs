//! Vapi's error answers, in the shape of the framework it is built with.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

const BAD_KEY: &str = "Invalid Key. Hot tip, you may be using the private key instead of the public key, or vice versa.";

#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    /// A list for violations of the contract, a sentence otherwise.
    message: Value,
}

impl Refusal {
    pub(crate) fn violations(violations: Vec<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: violations.into(),
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: message.into().into(),
        }
    }

    pub(crate) fn unauthorised() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            message: BAD_KEY.into(),
        }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            message: message.into().into(),
        }
    }

    pub(crate) fn outage(status: StatusCode) -> Self {
        let limited = status == StatusCode::TOO_MANY_REQUESTS;
        let message = if limited {
            "Rate limit exceeded"
        } else {
            "Internal server error"
        };
        Self {
            status,
            message: message.into(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({
            "message": self.message,
            "error": self.status.canonical_reason(),
            "statusCode": self.status.as_u16(),
        });
        (self.status, Json(body)).into_response()
    }
}

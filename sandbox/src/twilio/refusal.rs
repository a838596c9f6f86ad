//! Twilio's error answers.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// An error with Twilio's own code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    pub(crate) code: u32,
    message: String,
}

impl Refusal {
    /// A 400 with `code`.
    pub(crate) fn new(code: u32, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.into(),
        }
    }

    pub(crate) fn unauthorised() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            ..Self::new(20003, "Authenticate")
        }
    }

    pub(crate) fn not_found(path: &str) -> Self {
        let message = format!("The requested resource {path} was not found");
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::new(20404, message)
        }
    }

    /// The message is still on its way and can be neither redacted nor deleted.
    pub(crate) fn not_final() -> Self {
        let message = "Cannot delete this resource before it is complete";
        Self {
            status: StatusCode::CONFLICT,
            ..Self::new(20009, message)
        }
    }

    pub(crate) fn outage(status: StatusCode) -> Self {
        let (code, message) = if status == StatusCode::TOO_MANY_REQUESTS {
            (20429, "Too Many Requests")
        } else {
            (20500, "An internal server error has occurred")
        };
        Self {
            status,
            ..Self::new(code, message)
        }
    }

    /// A body that is no form.
    pub(crate) fn not_a_form() -> Self {
        let message = "Content-Type must be application/x-www-form-urlencoded";
        Self {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ..Self::new(20415, message)
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let more_info = format!("https://www.twilio.com/docs/errors/{}", self.code);
        let body = Json(json!({
            "code": self.code,
            "message": self.message,
            "more_info": more_info,
            "status": self.status.as_u16(),
        }));
        let mut response = (self.status, body).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let realm = HeaderValue::from_static("Basic realm=\"Twilio API\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, realm);
        }
        response
    }
}

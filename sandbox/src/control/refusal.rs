//! Errors of the control surface: which field, and what is wrong with it.

use axum::{
    Json,
    body::Bytes,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::faults::Unusable;

pub(super) struct Refusal {
    status: StatusCode,
    field: String,
    error: String,
}

impl Refusal {
    pub(super) fn invalid(field: &str, error: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            field: field.to_owned(),
            error: error.into(),
        }
    }

    pub(super) fn unknown(field: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::invalid(field, "is not known here")
        }
    }

    pub(super) fn conflict(field: &str, error: &str) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            ..Self::invalid(field, error)
        }
    }
}

impl From<Unusable> for Refusal {
    fn from(Unusable { field, error }: Unusable) -> Self {
        Self::invalid(&field, error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (
            self.status,
            Json(json!({"field": self.field, "error": self.error})),
        )
            .into_response()
    }
}

/// Reads a JSON body whatever its content type says, so that plain `curl -d` works.
pub(super) fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        // The reader quotes the field it stumbled over.
        let field = text.split('`').nth(1).unwrap_or_default();
        Refusal::invalid(field, text.as_str())
    })
}

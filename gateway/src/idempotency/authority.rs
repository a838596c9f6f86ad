//! Who knows whether a request is a repetition.

use axum::http::Method;

/// Where a repetition is decided.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Authority {
    /// The service's transaction remembers the key for 7 days and makes repetitions wait.
    Postgres,
    /// The effect is the same however often it is asked for; Redis spares the repetition.
    Cache,
}

impl Authority {
    /// `path` is relative to the organisation where the route has one in its path.
    pub(super) fn of(method: &Method, path: &str) -> Self {
        match (method, path) {
            (
                &Method::POST,
                "/bookings" | "/fhir/Appointment/$book" | "/messages" | "/api/founders/save-agent",
            ) => Self::Postgres,
            _ => Self::Cache,
        }
    }
}

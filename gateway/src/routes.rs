//! Every route; a route's file translates between JSON and a service and decides nothing.

pub(crate) mod sessions;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, operations};

/// Below `/api/org/{orgId}`.
pub(crate) fn of_org() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

/// Of the organisation that the token names.
pub(crate) fn of_token() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

/// Of a session itself.
pub(crate) fn of_session() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sessions::show::show))
        .routes(routes!(sessions::logout::logout))
}

/// Without an access token.
pub(crate) fn open() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sessions::signup::signup))
        .routes(routes!(sessions::login::login))
        .routes(routes!(sessions::refresh::refresh))
        .routes(routes!(sessions::jwks::jwks))
        .routes(routes!(operations::healthz))
        .routes(routes!(operations::readyz))
        .routes(routes!(operations::config))
        .routes(routes!(operations::auth_cache_stats))
}

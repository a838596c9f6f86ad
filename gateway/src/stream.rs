//! The socket that carries an organisation's events to its dashboards.

use utoipa_axum::router::OpenApiRouter;

use crate::App;

/// `GET /frontend/stream`
pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

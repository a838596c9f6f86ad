//! `GET /.well-known/jwks.json`

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use crate::{App, reply::Refusal};

/// The public halves of the keys that sign access tokens (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "sessions",
    responses((status = 200, description = "A JWK set", body = Value)))]
pub(crate) async fn jwks(State(app): State<App>) -> Result<Response, Refusal> {
    let text = app.auth.keys.published().await?;
    let headers = [
        (header::CONTENT_TYPE, "application/jwk-set+json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    Ok((headers, text).into_response())
}

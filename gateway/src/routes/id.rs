//! The id at the end of a path.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use voxanne_problem::Problem;

use crate::{App, reply::Refusal};

/// `{id}` of the path. Its service says whether it names anything, so that an id that is malformed,
/// unknown or another organisation's is told the same way everywhere.
pub(crate) struct Id(pub(crate) String);

impl FromRequestParts<App> for Id {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let path = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::not_found("NOT_FOUND", "there is nothing at this address"))?;
        let id = path.iter().find(|(name, _)| *name == "id");
        let missing = || Problem::internal("a route without an id asks for one");
        Ok(id.map(|(_, id)| Self(id.to_owned())).ok_or_else(missing)?)
    }
}

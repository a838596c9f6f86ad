//! Who was let in: a handler that takes a [`Member`] runs only behind the tenant layer.

use axum::{extract::FromRequestParts, http::request::Parts};
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use crate::{App, reply::Refusal};

/// Somebody of the organisation, or a program with its key, who holds the permission that the
/// route needs.
#[derive(Clone, Debug)]
pub struct Member(pub Tenant);

impl FromRequestParts<App> for Member {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        // A route that was put outside the tenant layer by mistake refuses everybody.
        let member = parts.extensions.get::<Self>().cloned();
        member.ok_or_else(|| Problem::internal("a route stands outside the tenant layer").into())
    }
}

//! The layer before every route of an organisation: it lets nobody in whose token is another's.

use std::time::Duration;

use axum::{
    extract::{RawPathParams, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tracing::Instrument as _;
use voxanne_ids::OrgId;
use voxanne_problem::{Kind, Problem};
use voxanne_telemetry::names;

use crate::{
    App,
    auth::{Verified, member::SignedIn},
    reply::Refusal,
};

/// What the services together may take for one request; less than the request's own limit, so
/// that the answer that time ran out is a service's.
const DEADLINE: Duration = Duration::from_secs(10);

/// Admits a member to the organisation that the path names.
///
/// The comparison comes before anything is looked up, so another organisation's id tells no more
/// than an id that does not exist.
pub(crate) async fn enter_named(
    State(app): State<App>,
    path: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let verified = match app.auth.verify_header(request.headers()).await {
        Ok(verified) => verified,
        Err(problem) => return Refusal::from(problem).into_response(),
    };
    let named = path
        .iter()
        .find(|(name, _)| *name == "orgId")
        .and_then(|(_, id)| id.parse::<OrgId>().ok());
    if named != Some(verified.org) {
        return Refusal::from(org_mismatch()).into_response();
    }
    admit(&verified, request, next).await
}

/// Admits a member to the organisation of the token, for paths that name none.
pub(crate) async fn enter_own(State(app): State<App>, request: Request, next: Next) -> Response {
    match app.auth.verify_header(request.headers()).await {
        Ok(verified) => admit(&verified, request, next).await,
        Err(problem) => Refusal::from(problem).into_response(),
    }
}

async fn admit(verified: &Verified, mut request: Request, next: Next) -> Response {
    let span = tracing::info_span!(
        "org.request",
        { names::ORG_ID } = %verified.org,
        { names::CALLER_ID } = %verified.user,
        { names::SESSION_ID } = %verified.session,
    );
    request.extensions_mut().insert(SignedIn {
        tenant: verified.tenant().within(DEADLINE),
        role: verified.role,
    });
    next.run(request).instrument(span).await
}

fn org_mismatch() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "ORG_MISMATCH",
        "you are not signed in to this organisation",
    )
}

//! The layer before every route of an organisation: it lets nobody in whose token is another's.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, RawPathParams, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tracing::Instrument as _;
use voxanne_ids::OrgId;
use voxanne_limits::Standing;
use voxanne_problem::{Kind, Problem};
use voxanne_telemetry::names;
use voxanne_tenant::Caller;

use crate::{
    App,
    auth::{Member, Verified},
    limits,
    permissions::{self, Needs},
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
    let (verified, standing) =
        match known(&app, limits::address_of(&request), request.headers()).await {
            Ok(known) => known,
            Err(refusal) => return refusal.into_response(),
        };
    let named = path
        .iter()
        .find(|(name, _)| *name == "orgId")
        .and_then(|(_, id)| id.parse::<OrgId>().ok());
    if named != Some(verified.org) {
        if let Some(named) = named {
            app.refusals.other_org(&verified, named);
        }
        return limits::show(standing, Refusal::from(org_mismatch()).into_response());
    }
    limits::show(standing, admit(&verified, request, next).await)
}

/// Admits a member to the organisation of the token, for paths that name none.
pub(crate) async fn enter_own(State(app): State<App>, request: Request, next: Next) -> Response {
    match known(&app, limits::address_of(&request), request.headers()).await {
        Ok((verified, standing)) => limits::show(standing, admit(&verified, request, next).await),
        Err(refusal) => refusal.into_response(),
    }
}

/// Who asks, once it is verified and counted: nothing is looked up for those who ask too often.
async fn known(
    app: &App,
    from: IpAddr,
    headers: &HeaderMap,
) -> Result<(Arc<Verified>, Standing), Refusal> {
    match app.auth.verify_header(headers).await {
        Ok(verified) => {
            let standing = app.limits.member(from, &verified.tenant()).await?;
            Ok((verified, standing))
        }
        Err(problem) => {
            app.limits.stranger(from).await?;
            Err(problem.into())
        }
    }
}

async fn admit(verified: &Verified, mut request: Request, next: Next) -> Response {
    let tenant = verified.tenant().within(DEADLINE);
    let path = request.extensions().get::<MatchedPath>();
    let needs = path.and_then(|path| permissions::needed(request.method(), path.as_str()));
    if let Err(problem) = permit(needs, tenant.caller()) {
        return Refusal::from(problem).into_response();
    }
    let span = tracing::info_span!(
        "org.request",
        { names::ORG_ID } = %verified.org,
        { names::CALLER_ID } = %tenant.caller(),
        { names::SESSION_ID } = verified.holder.session().map(tracing::field::display),
    );
    request.extensions_mut().insert(Member(tenant));
    next.run(request).instrument(span).await
}

/// Refuses a caller who lacks what the route needs, and everybody where nothing is said.
pub(crate) fn permit(needs: Option<Needs>, caller: &Caller) -> Result<(), Problem> {
    let allowed = match needs {
        None => return Err(Problem::internal("a route needs no permission")),
        Some(Needs::Permission(permission)) => caller.holds(permission) == Some(true),
        Some(Needs::Session) => matches!(caller, Caller::User { .. }),
    };
    if allowed {
        return Ok(());
    }
    Err(match caller {
        Caller::Key { .. } => Problem::new(
            Kind::Forbidden,
            "SCOPE_INSUFFICIENT",
            "this API key does not have the scope that the route needs",
        ),
        _ => Problem::new(
            Kind::Forbidden,
            "ROLE_INSUFFICIENT",
            "your role does not allow this",
        ),
    })
}

fn org_mismatch() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "ORG_MISMATCH",
        "you are not signed in to this organisation",
    )
}

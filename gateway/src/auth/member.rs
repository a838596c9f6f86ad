//! Who may do what: a handler that takes one of these runs only for those who may.

use axum::{extract::FromRequestParts, http::request::Parts};
use voxanne_problem::{Kind, Problem};
use voxanne_tenant::{Role, Tenant};

use crate::{App, reply::Refusal};

/// What the tenant layer leaves in a request whose token it verified.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) tenant: Tenant,
    pub(crate) role: Role,
}

/// Anybody in the organisation.
#[derive(Clone, Debug)]
pub struct Member(pub Tenant);

/// Somebody who may change bookings, patients and messages.
#[derive(Clone, Debug)]
pub struct Editor(pub Tenant);

/// Somebody who may change the clinic's set-up.
#[derive(Clone, Debug)]
pub struct Administrator(pub Tenant);

impl FromRequestParts<App> for Member {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        signed_in(parts).map(|member| Self(member.tenant))
    }
}

impl FromRequestParts<App> for Editor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let member = signed_in(parts)?;
        if !member.role.edits() {
            return Err(insufficient("your role reads and changes nothing"));
        }
        Ok(Self(member.tenant))
    }
}

impl FromRequestParts<App> for Administrator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let member = signed_in(parts)?;
        if !member.role.administers() {
            return Err(insufficient("this needs an owner or an administrator"));
        }
        Ok(Self(member.tenant))
    }
}

fn signed_in(parts: &Parts) -> Result<SignedIn, Refusal> {
    // A route that was put outside the tenant layer by mistake refuses everybody.
    let member = parts.extensions.get::<SignedIn>().cloned();
    member.ok_or_else(|| Problem::internal("a route stands outside the tenant layer").into())
}

fn insufficient(detail: &'static str) -> Refusal {
    Problem::new(Kind::Forbidden, "ROLE_INSUFFICIENT", detail).into()
}

//! Signing up, in and out.

pub(crate) mod cookie;
mod device;
pub(crate) mod end;
pub(crate) mod jwks;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod login_code;
pub(crate) mod logout;
pub(crate) mod refresh;
pub(crate) mod show;
pub(crate) mod signup;
pub(crate) mod switch;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1 as identity;

use crate::{App, reply::Refusal};

/// A person who signs in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: String,
    /// Whether a link sent to the address was used.
    pub(crate) email_verified: bool,
    /// Whether sign-in asks for a code.
    pub(crate) second_factor: bool,
}

/// A clinic that a person belongs to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Membership {
    id: String,
    name: String,
    role: String,
}

/// A clinic.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Org {
    pub(crate) id: String,
    pub(crate) name: String,
    /// IANA name.
    pub(crate) time_zone: String,
}

/// A session that has begun or goes on; its refresh token is in the cookie.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    pub(crate) access_token: String,
    /// Seconds.
    pub(crate) expires_in: u32,
    pub(crate) user: User,
    pub(crate) org: Org,
    /// owner, admin, staff, provider or auditor.
    pub(crate) role: String,
    /// Every clinic the user belongs to, this one first; only where somebody signs in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) orgs: Vec<Membership>,
}

impl From<identity::User> for User {
    fn from(user: identity::User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            email_verified: user.email_verified,
            second_factor: user.second_factor,
        }
    }
}

impl From<identity::Org> for Org {
    fn from(org: identity::Org) -> Self {
        Self {
            id: org.id,
            name: org.name,
            time_zone: org.time_zone,
        }
    }
}

impl From<identity::Membership> for Membership {
    fn from(membership: identity::Membership) -> Self {
        let org = membership.org.unwrap_or_default();
        Self {
            id: org.id,
            name: org.name,
            role: membership.role,
        }
    }
}

/// What sign-up, login and refresh all answer.
struct Begun {
    tokens: Option<identity::Tokens>,
    user: Option<identity::User>,
    org: Option<identity::Org>,
    role: String,
    memberships: Vec<identity::Membership>,
}

impl Begun {
    fn into_response(self, status: StatusCode, app: &App) -> Result<Response, Refusal> {
        let missing = || Problem::internal("identity left out a part of a session");
        let tokens = self.tokens.ok_or_else(missing)?;
        let cookie = cookie::keep(app, &tokens)?;
        let session = Session {
            access_token: tokens.access_token,
            expires_in: tokens.expires_in_seconds,
            user: self.user.ok_or_else(missing)?.into(),
            org: self.org.ok_or_else(missing)?.into(),
            role: self.role,
            orgs: self.memberships.into_iter().map(Into::into).collect(),
        };
        Ok((status, [cookie], Json(session)).into_response())
    }
}

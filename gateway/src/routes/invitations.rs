//! Who is asked to join a clinic.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::identity::v1 as proto;

use super::{
    id::Id,
    list::{List, Paging},
    moment,
    part::promised,
    sessions::Org,
};
use crate::{
    App, auth,
    body::{Body, Form, Parameters},
    limits::Client,
    reply::Refusal,
    request_id,
};

/// An open invitation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invitation {
    id: String,
    email: String,
    /// owner, admin, staff, provider or auditor.
    role: String,
    /// RFC 3339, UTC.
    invited_at: String,
    expires_at: String,
}

impl From<proto::Invitation> for Invitation {
    fn from(invitation: proto::Invitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            invited_at: moment::written(invitation.invited_at),
            expires_at: moment::written(invitation.expires_at),
        }
    }
}

/// Whom to invite, and as what.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewInvitation {
    #[schema(value_type = String, min_length = 1, max_length = 254)]
    email: Private<String>,
    /// owner, admin, staff, provider or auditor.
    #[schema(min_length = 1, max_length = 20)]
    role: String,
}

/// The token from the link of an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Acceptance {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    token: SecretString,
    /// Of the account with the address, or for the new one; not needed by its signed-in user.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1024)]
    password: Option<SecretString>,
}

/// The clinic that somebody joined.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Joined {
    org: Org,
    /// owner, admin, staff, provider or auditor.
    role: String,
}

impl Form for NewInvitation {}
impl Form for Acceptance {}

/// Lists the open invitations, the newest first.
#[utoipa::path(get, path = "/invitations", tag = "members", params(Paging), responses(
    (status = 200, description = "A page of invitations", body = List<Invitation>)))]
pub(crate) async fn list(
    State(app): State<App>,
    auth::Member(tenant): auth::Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<Invitation>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let invitations = &app.clients.invitations;
    let request = invitations.request(&tenant, proto::ListInvitationsRequest { limit, cursor });
    let page = invitations.client().list_invitations(request).await?;
    let page = page.into_inner();
    Ok(Json(List::new(page.invitations, page.next_cursor)))
}

/// Mails a link that makes its reader a member; an earlier one to the address ends.
#[utoipa::path(post, path = "/invitations", tag = "members", request_body = NewInvitation,
    responses(
        (status = 201, description = "A mail is on its way", body = Invitation),
        (status = 409, description = "ALREADY_MEMBER, TOO_MANY_INVITATIONS"),
        (status = 429, description = "LOGIN_THROTTLED")))]
pub(crate) async fn invite(
    State(app): State<App>,
    auth::Member(tenant): auth::Member,
    client: Client,
    Body(new): Body<NewInvitation>,
) -> Result<(StatusCode, Json<Invitation>), Refusal> {
    app.limits
        .mail(&client, "invitation", new.email.expose())
        .await?;
    let invitations = &app.clients.invitations;
    let message = proto::InviteRequest {
        email: new.email.into_exposed(),
        role: new.role,
    };
    let request = invitations.request(&tenant, message);
    let made = invitations.client().invite(request).await?.into_inner();
    let made = promised(made.invitation)?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Ends an open invitation.
#[utoipa::path(delete, path = "/invitations/{id}", tag = "members",
    params(("id" = String, Path, description = "`inv_…`")), responses(
    (status = 204, description = "Its link leads nowhere any more"),
    (status = 404, description = "INVITATION_NOT_FOUND")))]
pub(crate) async fn revoke(
    State(app): State<App>,
    auth::Member(tenant): auth::Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let invitations = &app.clients.invitations;
    let request = invitations.request(&tenant, proto::RevokeInvitationRequest { id });
    invitations.client().revoke_invitation(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Joins the clinic, by the password of the account with the address, or by an access token of its
/// user. An address without an account gets one, with the password that is given.
#[utoipa::path(post, path = "/api/auth/invitations/accept", tag = "members",
    request_body = Acceptance, responses(
        (status = 200, description = "Sign in or switch to the clinic", body = Joined),
        (status = 401, description = "INVALID_CREDENTIALS, TOKEN_MISSING"),
        (status = 403, description = "WRONG_ADDRESS, NOT_SIGNED_IN"),
        (status = 409, description = "ALREADY_MEMBER, EMAIL_TAKEN"),
        (status = 410, description = "LINK_EXPIRED"),
        (status = 429, description = "LOGIN_THROTTLED")))]
pub(crate) async fn accept(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Body(form): Body<Acceptance>,
) -> Result<Json<Joined>, Refusal> {
    let token = form.token.expose_secret().to_owned();
    let invitations = &app.clients.invitations;
    let mut rpc = invitations.client();
    let (org, role) = if let Some(password) = form.password {
        let password = password.expose_secret().to_owned();
        let message = proto::AcceptInvitationRequest { token, password };
        let request = invitations.system_request(request_id::current(), message);
        let work = rpc.accept_invitation(request);
        let joined = app.limits.attempt(&client, None, work).await?;
        (joined.org, joined.role)
    } else {
        let tenant = app.auth.verify_header(&headers).await?.tenant();
        let request = invitations.request(&tenant, proto::JoinRequest { token });
        let joined = app.limits.attempt(&client, None, rpc.join(request)).await?;
        (joined.org, joined.role)
    };
    let org = promised(org)?.into();
    Ok(Json(Joined { org, role }))
}

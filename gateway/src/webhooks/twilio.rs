//! What Twilio sends: how far a text message has come, and texts of patients.
//!
//! Each clinic has an account of its own, so each webhook is verified with that clinic's secret.

pub(super) mod accounts;
mod form;
mod signature;

use axum::{
    extract::{OriginalUri, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::time::Instant;
use voxanne_ids::OrgId;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::notification::v1::RecordStatusRequest;
use voxanne_tenant::{Caller, Tenant};

use self::{accounts::Account, form::Form};
use super::intake;
use crate::{App, reply::Refusal, request_id};

/// A text of 1600 characters, percent-encoded, with everything around it.
const LARGEST_BODY: usize = 64 * 1024;
const SIGNATURE: &str = "x-twilio-signature";
/// Says nothing back to the patient.
const NO_REPLY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

/// How far a text message has come.
///
/// Twilio signs the request (`X-Twilio-Signature`) with the clinic's auth token. The query names our
/// message (`mid`); repetitions and any order are fine.
#[utoipa::path(post, path = "/api/webhooks/sms-status", tag = "webhooks",
    params(("mid" = Option<String>, Query, description = "Our message, `msg_…`")),
    request_body(content = HashMap<String, String>, content_type = "application/x-www-form-urlencoded",
        description = "The fields of Twilio's status callback, at most 64 KiB"),
    responses(
    (status = 204, description = "Noted"),
    (status = 403, description = "SIGNATURE_INVALID"),
    (status = 404, description = "MESSAGE_NOT_FOUND"),
    (status = 413, description = "BODY_TOO_LARGE"),
    (status = 503, description = "BUSY, UNAVAILABLE")))]
pub(crate) async fn status(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Result<StatusCode, Refusal> {
    let query = Form::read(uri.query().unwrap_or_default().as_bytes());
    let (form, orgs) = verify(&app, request).await?;
    let news = RecordStatusRequest {
        message_id: query.first("mid").to_owned(),
        sid: form.either("MessageSid", "SmsSid").to_owned(),
        status: form.either("MessageStatus", "SmsStatus").to_owned(),
        error_code: form.first("ErrorCode").parse().unwrap_or_default(),
    };
    let mut unknown = None;
    // Clinics may share an account; the message is one's.
    for org in orgs {
        let notification = &app.clients.notification;
        let request = notification.request(&tenant(org), news.clone());
        match notification.client().record_status(request).await {
            Ok(_) => return Ok(StatusCode::NO_CONTENT),
            Err(status) => match Problem::from(status) {
                problem if problem.kind == Kind::NotFound => unknown = Some(problem),
                problem => return Err(problem.into()),
            },
        }
    }
    Err(unknown.unwrap_or_else(signature_invalid).into())
}

/// A text of a patient.
///
/// It is verified and acknowledged, and not answered: replies are not understood yet.
#[utoipa::path(post, path = "/api/webhooks/sms-inbound", tag = "webhooks",
    request_body(content = HashMap<String, String>, content_type = "application/x-www-form-urlencoded",
        description = "The fields of Twilio's message webhook, at most 64 KiB"),
    responses(
    (status = 200, description = "TwiML without a reply", body = String, content_type = "text/xml"),
    (status = 403, description = "SIGNATURE_INVALID"),
    (status = 413, description = "BODY_TOO_LARGE"),
    (status = 503, description = "BUSY, UNAVAILABLE")))]
pub(crate) async fn inbound(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    verify(&app, request).await?;
    Ok((
        [(header::CONTENT_TYPE, "text/xml; charset=utf-8")],
        NO_REPLY,
    )
        .into_response())
}

/// The form, and every organisation whose secret made its signature.
async fn verify(app: &App, request: Request) -> Result<(Form, Vec<OrgId>), Refusal> {
    let (parts, body) = request.into_parts();
    let signature = signature_of(&parts.headers).ok_or_else(signature_invalid)?;
    let original = parts.extensions.get::<OriginalUri>();
    let uri = original.map_or(&parts.uri, |OriginalUri(uri)| uri);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let urls = signature::signed_urls(&app.config.public_url, path);
    let form = Form::read(&intake::bytes(body, LARGEST_BODY).await?);
    let signers = |accounts: &[Account]| -> Vec<OrgId> {
        let made = |account: &&Account| {
            signature::is_valid(account.secret(), &urls, form.pairs(), signature)
        };
        accounts
            .iter()
            .filter(made)
            .map(|account| account.org)
            .collect()
    };
    let (sid, since) = (form.first("AccountSid"), Instant::now());
    let mut orgs = signers(&accounts::find(app, sid).await?);
    if orgs.is_empty() {
        orgs = signers(&accounts::find_again(app, sid, since).await?);
    }
    if orgs.is_empty() {
        return Err(signature_invalid().into());
    }
    app.limits.callback(sid).await?;
    Ok((form, orgs))
}

fn signature_of(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(SIGNATURE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    value.to_str().ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the webhook bears a signature made with this organisation's secret: this is the \
              authenticated edge"
)]
fn tenant(org: OrgId) -> Tenant {
    Tenant::authenticated(
        org,
        Caller::Webhook("twilio".to_owned()),
        request_id::current(),
    )
}

fn signature_invalid() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "SIGNATURE_INVALID",
        "the request does not bear the provider's signature",
    )
}

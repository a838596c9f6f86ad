//! Codes and refresh tokens become access tokens.

use std::{collections::BTreeMap, sync::Arc};

use aws_lc_rs::digest;
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use super::{Google, consent::Given, refusal::TokenRefusal};
use crate::{Sandbox, clock};

const ACCESS_LIVES: SignedDuration = SignedDuration::from_secs(3_599);
const FIELDS: [&str; 7] = [
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "client_id",
    "client_secret",
    "refresh_token",
];

/// What somebody allows for as long as they do not take it back.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    account: String,
    scopes: Vec<String>,
}

/// What an access token opens.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(super) account: String,
    pub(super) scopes: Vec<String>,
    until: Timestamp,
}

impl Access {
    pub(super) fn is_over(&self) -> bool {
        self.until <= clock::now()
    }
}

impl Google {
    /// The account takes every consent back; access tokens end with them.
    pub(crate) fn take_consents_back(&self, account: &str) {
        self.grants.remove_all(|grant| grant.account == account);
        self.access.remove_all(|access| access.account == account);
    }

    pub(crate) fn end_access_tokens(&self, account: &str) {
        self.access.remove_all(|access| access.account == account);
    }

    /// Whether anything of the account's is still allowed.
    pub(crate) fn allows(&self, account: &str) -> bool {
        let of_account = self.grants.newest(1, |grant| grant.account == account);
        !of_account.is_empty()
    }
}

pub(super) async fn token(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: String,
) -> Result<Json<Value>, TokenRefusal> {
    let google = &sandbox.google;
    let form: BTreeMap<String, String> = serde_urlencoded::from_str(&body)
        .map_err(|_| TokenRefusal::bad("invalid_request", "Bad Request"))?;
    if form.keys().any(|name| !FIELDS.contains(&name.as_str())) {
        return Err(TokenRefusal::bad(
            "invalid_request",
            "Parameter not allowed for this message type",
        ));
    }
    let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let (id, secret) = basic(&headers)
        .unwrap_or_else(|| (given("client_id").into(), given("client_secret").into()));
    if id != google.client.id || secret != google.client.secret {
        return Err(TokenRefusal {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            description: "Unauthorized",
        });
    }
    match given("grant_type") {
        "authorization_code" => exchange(google, &given),
        "refresh_token" => {
            let grant = google.grants.get(given("refresh_token"));
            let grant = grant.ok_or_else(TokenRefusal::invalid_grant)?;
            Ok(Json(issue(google, &grant)))
        }
        _ => Err(TokenRefusal::bad(
            "unsupported_grant_type",
            "Invalid grant_type",
        )),
    }
}

fn exchange<'a>(
    google: &Google,
    given: &impl Fn(&str) -> &'a str,
) -> Result<Json<Value>, TokenRefusal> {
    // A code is good once, whatever becomes of it.
    let consent = google.codes.remove(given("code"));
    let consent = consent
        .filter(|consent| consent.until > clock::now())
        .ok_or_else(|| TokenRefusal::bad("invalid_grant", "Malformed auth code."))?;
    if consent.redirect_uri.as_str() != given("redirect_uri") {
        return Err(TokenRefusal::bad("redirect_uri_mismatch", "Bad Request"));
    }
    if !verifies(&consent, given("code_verifier")) {
        return Err(TokenRefusal::bad("invalid_grant", "Invalid code verifier."));
    }
    let grant = Grant {
        account: consent.account,
        scopes: consent.scopes,
    };
    let mut answer = issue(google, &grant);
    if consent.offline {
        let token = format!("1//{}", Uuid::new_v4().simple());
        google.grants.put(&token, grant);
        answer["refresh_token"] = token.into();
    }
    Ok(Json(answer))
}

/// RFC 7636, 4.6.
fn verifies(consent: &Given, verifier: &str) -> bool {
    match &consent.challenge {
        None => verifier.is_empty(),
        Some((challenge, false)) => challenge == verifier,
        Some((challenge, true)) => {
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            *challenge == BASE64_URL_SAFE_NO_PAD.encode(hash)
        }
    }
}

fn issue(google: &Google, grant: &Grant) -> Value {
    let token = format!("ya29.{}", Uuid::new_v4().simple());
    let access = Access {
        account: grant.account.clone(),
        scopes: grant.scopes.clone(),
        until: clock::now() + ACCESS_LIVES,
    };
    google.access.put(&token, access);
    json!({
        "access_token": token,
        "expires_in": ACCESS_LIVES.as_secs(),
        "scope": grant.scopes.join(" "),
        "token_type": "Bearer",
    })
}

/// RFC 6749, 2.3.1: both parts are form-encoded first.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let bytes = BASE64_STANDARD.decode(text.strip_prefix("Basic ")?).ok()?;
    let pair = String::from_utf8(bytes).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let read = |text: &str| {
        let (name, _) = form_urlencoded::parse(text.as_bytes()).next()?;
        Some(name.into_owned())
    };
    Some((read(id)?, read(secret)?))
}

pub(super) async fn revoke(
    State(sandbox): State<Arc<Sandbox>>,
    body: String,
) -> Result<StatusCode, TokenRefusal> {
    let form: BTreeMap<String, String> = serde_urlencoded::from_str(&body).unwrap_or_default();
    let token = form.get("token").map(String::as_str).unwrap_or_default();
    let google = &sandbox.google;
    let account = google.grants.get(token).map(|grant| grant.account);
    let account = account.or_else(|| google.access.get(token).map(|access| access.account));
    let Some(account) = account else {
        return Err(TokenRefusal::bad(
            "invalid_token",
            "Token expired or revoked",
        ));
    };
    google.take_consents_back(&account);
    Ok(StatusCode::OK)
}

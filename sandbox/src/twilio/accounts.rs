//! Accounts, and the proof that a caller owns the one in the path.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, header, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use url::Url;

use super::{outgoing::is_e164, refusal::Refusal};
use crate::Sandbox;

/// One Twilio account with the numbers it owns.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    #[serde(rename = "accountSid")]
    pub(crate) sid: String,
    pub(crate) auth_token: String,
    pub(crate) numbers: Vec<String>,
    #[serde(default)]
    api_keys: Vec<ApiKey>,
    /// Messaging services that it has.
    #[serde(default)]
    pub(crate) messaging_services: Vec<String>,
    /// `active` unless given.
    #[serde(default)]
    pub(crate) status: Option<String>,
    /// Where inbound messages to this account go; default `TWILIO_INBOUND_URL`.
    #[serde(default)]
    pub(crate) inbound_url: Option<Url>,
}

/// A key that may stand in for the auth token on requests, never for signing webhooks.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiKey {
    sid: String,
    secret: String,
}

impl Account {
    /// An account that owns `numbers`.
    ///
    /// # Errors
    ///
    /// The name of the field that cannot be used.
    pub fn new<const N: usize>(
        sid: &str,
        auth_token: &str,
        numbers: [&str; N],
    ) -> Result<Self, &'static str> {
        let account = Self {
            sid: sid.to_owned(),
            auth_token: auth_token.to_owned(),
            numbers: numbers.map(str::to_owned).into(),
            api_keys: Vec::new(),
            messaging_services: Vec::new(),
            status: None,
            inbound_url: None,
        };
        account.check().map(|()| account)
    }

    /// Names the first field that Twilio could not have issued.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if !is_sid(&self.sid, "AC") {
            return Err("accountSid");
        }
        if self.auth_token.is_empty() {
            return Err("authToken");
        }
        if self.numbers.is_empty() || !self.numbers.iter().all(|number| is_e164(number)) {
            return Err("numbers");
        }
        if self
            .api_keys
            .iter()
            .any(|key| !is_sid(&key.sid, "SK") || key.secret.is_empty())
        {
            return Err("apiKeys");
        }
        Ok(())
    }

    pub(crate) fn owns(&self, number: &str) -> bool {
        self.numbers.iter().any(|owned| owned == number)
    }

    pub(crate) fn admits(&self, user: &str, password: &str) -> bool {
        let own = user == self.sid && password == self.auth_token;
        own || self
            .api_keys
            .iter()
            .any(|key| user == key.sid && password == key.secret)
    }
}

/// Whether `text` is `prefix` followed by 32 hex digits.
pub(crate) fn is_sid(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The account of the path, once the request has shown its credentials.
pub(crate) struct Authorised(pub(crate) Account);

impl FromRequestParts<Arc<Sandbox>> for Authorised {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        sandbox: &Arc<Sandbox>,
    ) -> Result<Self, Refusal> {
        let path = RawPathParams::from_request_parts(parts, sandbox)
            .await
            .map_err(|_| Refusal::unauthorised())?;
        let sid = path
            .iter()
            .find(|(name, _)| *name == "account")
            .map(|(_, sid)| sid);
        let account = sid.and_then(|sid| sandbox.twilio.accounts.get(sid));
        let (user, password) = credentials(&parts.headers).ok_or_else(Refusal::unauthorised)?;
        account
            .filter(|account| account.admits(&user, &password))
            .map(Self)
            .ok_or_else(Refusal::unauthorised)
    }
}

pub(crate) fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let decoded = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

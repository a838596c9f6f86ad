//! The secrets that may have signed a webhook of one Twilio account.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::FindWebhookSecretsRequest;

use crate::{
    App, request_id,
    webhooks::{busy, fading::Fading},
};

/// Digits behind `AC`.
const SID_DIGITS: usize = 32;

/// The accounts that were asked for a moment ago.
#[derive(Default)]
pub(in crate::webhooks) struct Accounts(Fading<Arc<[Account]>>);

/// An organisation that uses the account, and the secret it knows.
#[derive(Clone, Debug)]
pub(in crate::webhooks) struct Account {
    pub(super) org: OrgId,
    secret: SecretString,
}

impl Account {
    pub(super) fn secret(&self) -> &str {
        self.secret.expose_secret()
    }
}

/// Every organisation that uses the account `sid`. It stands in a request that is not verified yet,
/// so it only says which secrets to try.
pub(super) async fn find(app: &App, sid: &str) -> Result<Arc<[Account]>, Problem> {
    if !is_sid(sid) {
        return Ok(Arc::default());
    }
    let known = &app.senders.accounts.0;
    let found = known.get(sid, ask(app, sid)).await?;
    Ok(found.unwrap_or_default())
}

/// The same, once none of the secrets of `find` made the signature: a clinic may just have stored
/// another one, and Twilio does not send again what is refused.
pub(super) async fn find_again(
    app: &App,
    sid: &str,
    since: Instant,
) -> Result<Arc<[Account]>, Problem> {
    if !is_sid(sid) {
        return Ok(Arc::default());
    }
    let _doubt = app.senders.doubts.try_acquire().map_err(|_| busy())?;
    let known = &app.senders.accounts.0;
    let found = known.newer(sid, since, ask(app, sid)).await?;
    Ok(found.unwrap_or_default())
}

/// Whether Twilio could have given this id; whatever else is sent costs no question and no memory.
fn is_sid(text: &str) -> bool {
    let digits = text.strip_prefix("AC");
    digits.is_some_and(|digits| {
        digits.len() == SID_DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

async fn ask(app: &App, sid: &str) -> Result<Option<Arc<[Account]>>, Problem> {
    let identity = &app.clients.identity;
    let wanted = FindWebhookSecretsRequest {
        provider: "twilio".to_owned(),
        external_id: sid.to_owned(),
    };
    let request = identity.system_request(request_id::current(), wanted);
    let found = identity.client().find_webhook_secrets(request).await?;
    let mut accounts = Vec::new();
    for known in found.into_inner().secrets {
        // An HMAC with an empty key is one that anybody can make.
        if known.secret.is_empty() {
            continue;
        }
        accounts.push(Account {
            org: known.org_id.parse().map_err(Problem::internal)?,
            secret: known.secret.into(),
        });
    }
    Ok((!accounts.is_empty()).then(|| accounts.into()))
}

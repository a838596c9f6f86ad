//! What somebody does in Google's own pages: consents, takes them back, changes their calendar.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::refusal::{self, Refusal};
use crate::{
    Sandbox,
    google::{channels, consent::Decision, held, refusal as google, write},
};

#[derive(Deserialize)]
pub(super) struct Whose {
    account: Option<String>,
}

impl Whose {
    fn account(&self) -> Result<&str, Refusal> {
        let account = self.account.as_deref();
        account.ok_or_else(|| Refusal::invalid("account", "must be given"))
    }
}

impl From<google::Refusal> for Refusal {
    fn from(refused: google::Refusal) -> Self {
        Self::invalid("", format!("{refused:?}"))
    }
}

pub(super) async fn events(
    State(sandbox): State<Arc<Sandbox>>,
    Query(whose): Query<Whose>,
) -> Json<Value> {
    let mut items = Vec::new();
    for account in sandbox.google.every_account() {
        let account = held(&account);
        if whose
            .account
            .as_ref()
            .is_some_and(|asked| *asked != account.address)
        {
            continue;
        }
        for kept in account.events.values() {
            let mut event = kept.event.clone();
            event["account"] = account.address.clone().into();
            items.push(event);
        }
    }
    Json(json!({"items": items}))
}

pub(super) async fn create(
    State(sandbox): State<Arc<Sandbox>>,
    Query(whose): Query<Whose>,
    bytes: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let account = sandbox.google.account(whose.account()?);
    let event = write::insert(&mut held(&account), refusal::body(&bytes)?)?;
    channels::ring(&sandbox, &account);
    Ok((StatusCode::CREATED, Json(event)))
}

pub(super) async fn change(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    Query(whose): Query<Whose>,
    bytes: Bytes,
) -> Result<Json<Value>, Refusal> {
    let account = sandbox.google.account(whose.account()?);
    let change: Value = refusal::body(&bytes)?;
    let event = write::patch(&mut held(&account), &id, &change, None)?;
    channels::ring(&sandbox, &account);
    Ok(Json(event))
}

pub(super) async fn delete(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    Query(whose): Query<Whose>,
) -> Result<StatusCode, Refusal> {
    let account = sandbox.google.account(whose.account()?);
    write::delete(&mut held(&account), &id, None)?;
    channels::ring(&sandbox, &account);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Consent {
    /// Where the application sent the browser.
    url: Url,
    account: String,
    #[serde(default)]
    deny: bool,
    /// What is left ticked; everything unless said.
    scopes: Option<Vec<String>>,
}

/// Answers the question on Google's page as somebody would, and says where the browser goes next.
pub(super) async fn consent(
    State(sandbox): State<Arc<Sandbox>>,
    bytes: Bytes,
) -> Result<Json<Value>, Refusal> {
    let consent: Consent = refusal::body(&bytes)?;
    let query: BTreeMap<_, _> = consent.url.query_pairs().into_owned().collect();
    let question = sandbox.google.question(&query);
    let question = question.map_err(|why| Refusal::invalid("url", why))?;
    let decision = Decision {
        account: consent.account,
        allows: !consent.deny,
        scopes: consent.scopes.unwrap_or_else(|| question.scopes.clone()),
    };
    let back = sandbox.google.answer(question, decision);
    Ok(Json(json!({"location": back})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forget {
    account: String,
    what: String,
}

/// Ends what Google gave out before.
pub(super) async fn forget(
    State(sandbox): State<Arc<Sandbox>>,
    bytes: Bytes,
) -> Result<StatusCode, Refusal> {
    let Forget { account, what } = refusal::body(&bytes)?;
    match what.as_str() {
        "consents" => sandbox.google.take_consents_back(&account),
        "access_tokens" => sandbox.google.end_access_tokens(&account),
        "sync_tokens" => {
            let account = sandbox.google.account(&account);
            let mut account = held(&account);
            account.changes += 1;
            account.forgotten = account.changes;
        }
        "channels" => held(&sandbox.google.account(&account)).channels.clear(),
        _ => {
            let known = "must be consents, access_tokens, sync_tokens or channels";
            return Err(Refusal::invalid("what", known));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What stands between Google and an application.
pub(super) async fn connections(
    State(sandbox): State<Arc<Sandbox>>,
    Query(whose): Query<Whose>,
) -> Result<Json<Value>, Refusal> {
    let account = whose.account()?;
    let channels = held(&sandbox.google.account(account)).channels.clone();
    Ok(Json(json!({
        "account": account,
        "consents": sandbox.google.allows(account),
        "channels": channels,
    })))
}

//! Adds accounts, shows messages and lets a patient write to us.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::{self, Refusal};
use crate::{
    Account, Sandbox,
    twilio::{inbound::arrive, message::Message},
};

const MESSAGES: usize = 1_000;

pub(super) async fn add_account(
    State(sandbox): State<Arc<Sandbox>>,
    bytes: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let account: Account = refusal::body(&bytes)?;
    account
        .check()
        .map_err(|field| Refusal::invalid(field, "is not what Twilio issues"))?;
    for number in &account.numbers {
        let owner = sandbox.twilio.owner_of(number);
        if owner.is_some_and(|owner| owner.sid != account.sid) {
            return Err(Refusal::conflict(
                "numbers",
                "a number belongs to another account",
            ));
        }
    }
    let added = json!({"accountSid": account.sid, "numbers": account.numbers});
    sandbox.twilio.accounts.put(&account.sid.clone(), account);
    Ok((StatusCode::CREATED, Json(added)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wanted {
    to: Option<String>,
    from: Option<String>,
    account_sid: Option<String>,
    limit: Option<usize>,
}

pub(super) async fn messages(
    State(sandbox): State<Arc<Sandbox>>,
    Query(wanted): Query<Wanted>,
) -> Json<Value> {
    let fits = |asked: &Option<String>, found: Option<&str>| {
        asked
            .as_deref()
            .is_none_or(|asked| Some(phone(asked)) == found.map(str::to_owned))
    };
    let limit = wanted.limit.unwrap_or(MESSAGES);
    let found = sandbox.twilio.messages.newest(limit, |message| {
        fits(&wanted.to, Some(&message.to))
            && fits(&wanted.from, message.from.as_deref())
            && fits(&wanted.account_sid, Some(&message.account_sid))
    });
    let items: Vec<_> = found.iter().map(Message::observed).collect();
    Json(json!({"items": items, "nextCursor": null}))
}

/// A `+` typed into a URL arrives as a space.
fn phone(text: &str) -> String {
    text.strip_prefix(' ')
        .map_or_else(|| text.to_owned(), |digits| format!("+{digits}"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inbound {
    to: String,
    from: String,
    body: String,
}

pub(super) async fn inbound(
    State(sandbox): State<Arc<Sandbox>>,
    bytes: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let text: Inbound = refusal::body(&bytes)?;
    let account = sandbox
        .twilio
        .owner_of(&text.to)
        .ok_or_else(|| Refusal::unknown("to"))?;
    let url = account
        .inbound_url
        .as_ref()
        .or(sandbox.twilio.inbound_url.as_ref());
    let url = url.ok_or_else(|| {
        Refusal::conflict(
            "to",
            "its account has no inboundUrl and TWILIO_INBOUND_URL is not set",
        )
    })?;
    let sent = arrive(
        &sandbox,
        &account,
        url.as_str(),
        [&text.from, &text.to, &text.body],
    )
    .await;
    Ok((StatusCode::CREATED, Json(sent)))
}

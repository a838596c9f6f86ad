//! Shows an account and what sends texts for it, to those who hold its credentials.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
    http::HeaderMap,
};
use serde_json::{Value, json};

use super::{
    accounts::{Account, Authorised, credentials},
    refusal::Refusal,
};
use crate::Sandbox;

/// The account itself: like Twilio, not for API keys.
pub(crate) async fn show(
    State(sandbox): State<Arc<Sandbox>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let (user, password) = credentials(&headers).ok_or_else(Refusal::unauthorised)?;
    let account = file
        .strip_suffix(".json")
        .filter(|sid| *sid == user)
        .and_then(|sid| sandbox.twilio.accounts.get(sid))
        .filter(|account| account.auth_token == password)
        .ok_or_else(Refusal::unauthorised)?;
    let sid = &account.sid;
    let path = format!("/2010-04-01/Accounts/{sid}");
    Ok(Json(json!({
        "auth_token": account.auth_token,
        "date_created": "Sun, 22 Nov 2026 09:00:00 +0000",
        "date_updated": "Sun, 22 Nov 2026 09:00:00 +0000",
        "friendly_name": "A clinic's account",
        "owner_account_sid": sid,
        "sid": sid,
        "status": account.status.as_deref().unwrap_or("active"),
        "subresource_uris": {
            "incoming_phone_numbers": format!("{path}/IncomingPhoneNumbers.json"),
            "messages": format!("{path}/Messages.json"),
        },
        "type": "Full",
        "uri": format!("{path}.json"),
    })))
}

/// Nobody owns a short code here.
pub(crate) async fn short_codes(
    Authorised(_): Authorised,
    OriginalUri(uri): OriginalUri,
) -> Json<Value> {
    Json(json!({
        "end": 0,
        "first_page_uri": format!("{}?PageSize=50&Page=0", uri.path()),
        "next_page_uri": null,
        "page": 0,
        "page_size": 50,
        "previous_page_uri": null,
        "short_codes": [],
        "start": 0,
        "uri": uri.to_string(),
    }))
}

/// A messaging service, to the account that has it.
pub(crate) async fn service(
    State(sandbox): State<Arc<Sandbox>>,
    Path(service): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let (user, password) = credentials(&headers).ok_or_else(Refusal::unauthorised)?;
    let admits = |account: &Account| account.admits(&user, &password);
    let mut known = sandbox.twilio.accounts.newest(1, admits);
    let account = known.pop().ok_or_else(Refusal::unauthorised)?;
    if !account.messaging_services.contains(&service) {
        return Err(Refusal::not_found(uri.path()));
    }
    Ok(Json(json!({
        "account_sid": account.sid,
        "date_created": "2026-11-22T09:00:00Z",
        "date_updated": "2026-11-22T09:00:00Z",
        "friendly_name": "A clinic's service",
        "inbound_method": "POST",
        "sid": service,
        "url": format!("https://messaging.twilio.com/v1/Services/{service}"),
        "use_inbound_webhook_on_number": false,
    })))
}

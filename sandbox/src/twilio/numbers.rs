//! Lists the numbers that an account owns.

use std::{collections::HashMap, sync::Arc};

use aws_lc_rs::digest;
use axum::{
    Json,
    extract::{OriginalUri, Query, State},
};
use serde_json::{Value, json};

use super::accounts::{Account, Authorised};
use crate::Sandbox;

pub(crate) async fn list(
    State(sandbox): State<Arc<Sandbox>>,
    Authorised(account): Authorised,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<HashMap<String, String>>,
) -> Json<Value> {
    let wanted = query.get("PhoneNumber");
    let inbound = account
        .inbound_url
        .as_ref()
        .or(sandbox.twilio.inbound_url.as_ref());
    let inbound = inbound.map(ToString::to_string).unwrap_or_default();
    let owned = account.numbers.iter();
    let numbers: Vec<_> = owned
        .filter(|number| wanted.is_none_or(|wanted| number.contains(wanted.as_str())))
        .map(|number| resource(&account, number, &inbound))
        .collect();
    Json(json!({
        "end": numbers.len().saturating_sub(1),
        "first_page_uri": format!("{}?PageSize=50&Page=0", uri.path()),
        "incoming_phone_numbers": numbers,
        "next_page_uri": null,
        "page": 0,
        "page_size": 50,
        "previous_page_uri": null,
        "start": 0,
        "uri": uri.to_string(),
    }))
}

fn resource(account: &Account, number: &str, inbound: &str) -> Value {
    let hash = hex::encode(digest::digest(&digest::SHA256, number.as_bytes()));
    let sid = format!("PN{}", &hash[..32]);
    json!({
        "account_sid": account.sid,
        "api_version": "2010-04-01",
        "capabilities": {"fax": false, "mms": true, "sms": true, "voice": true},
        "friendly_name": number,
        "origin": "twilio",
        "phone_number": number,
        "sid": sid,
        "sms_fallback_method": "POST",
        "sms_fallback_url": "",
        "sms_method": "POST",
        "sms_url": inbound,
        "status": "in-use",
        "uri": format!("/2010-04-01/Accounts/{}/IncomingPhoneNumbers/{sid}.json", account.sid),
    })
}

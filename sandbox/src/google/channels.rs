//! Channels: Google rings when a calendar changes, and says no more than that.

use std::sync::{Arc, Mutex};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::{
    held,
    holder::{self, READS},
    refusal::Refusal,
    shelf::Account,
};
use crate::{
    Sandbox, clock,
    faults::{Mode, Target},
};

const LIVES: i64 = 604_800;
/// Channels of one account.
const MOST: usize = 100;

/// Where changes of one calendar are told.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Channel {
    pub(crate) id: String,
    resource_id: String,
    #[serde(skip)]
    address: Url,
    #[serde(skip)]
    token: Option<String>,
    until: Timestamp,
    #[serde(skip)]
    rung: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Watch {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    address: Url,
    token: Option<String>,
    expiration: Option<String>,
    params: Option<Params>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    ttl: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Stop {
    id: String,
    resource_id: String,
}

pub(super) async fn watch(
    State(sandbox): State<Arc<Sandbox>>,
    Path(calendar): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let account = holder::account(&sandbox, &headers, READS)?;
    holder::calendar(&held(&account), &calendar)?;
    let asked: Watch =
        serde_json::from_slice(&body).map_err(|error| Refusal::invalid(error.to_string()))?;
    let channel = Channel::read(asked, &held(&account))?;
    let told = json!({
        "kind": "api#channel",
        "id": channel.id,
        "resourceId": channel.resource_id,
        "resourceUri": format!("https://www.googleapis.com/calendar/v3/calendars/{calendar}/events"),
        "token": channel.token,
        "expiration": channel.until.as_millisecond().to_string(),
    });
    held(&account).channels.push(channel.clone());
    send(&sandbox, channel, "sync");
    Ok(Json(told))
}

impl Channel {
    fn read(asked: Watch, account: &Account) -> Result<Self, Refusal> {
        if asked.kind != "web_hook" {
            return Err(Refusal::invalid("Unknown channel type"));
        }
        let is_local = matches!(
            asked.address.host_str(),
            Some("127.0.0.1" | "localhost" | "gateway")
        );
        if asked.address.scheme() != "https" && !is_local {
            return Err(Refusal::new(
                400,
                "push.webhookUrlNotHttps",
                "WebHook callback must be HTTPS",
            ));
        }
        let is_taken = account.channels.iter().any(|one| one.id == asked.id);
        if is_taken || account.channels.len() >= MOST {
            return Err(Refusal::new(
                400,
                "channelIdNotUnique",
                "Channel id not unique",
            ));
        }
        let now = clock::now();
        let bad = || Refusal::invalid("Invalid expiration");
        let ttl = match asked.params {
            None => LIVES,
            Some(params) => params
                .ttl
                .parse::<i64>()
                .map_err(|_| bad())?
                .clamp(1, LIVES),
        };
        let mut until = now + SignedDuration::from_secs(ttl);
        if let Some(text) = asked.expiration {
            let millis = text.parse().map_err(|_| bad())?;
            until = until.min(Timestamp::from_millisecond(millis).map_err(|_| bad())?);
        }
        Ok(Self {
            resource_id: format!("resource-of-{}", account.address),
            id: asked.id,
            address: asked.address,
            token: asked.token,
            until,
            rung: 0,
        })
    }
}

pub(super) async fn stop(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let account = holder::account(&sandbox, &headers, READS)?;
    let asked: Stop =
        serde_json::from_slice(&body).map_err(|error| Refusal::invalid(error.to_string()))?;
    let channels = &mut held(&account).channels;
    let before = channels.len();
    channels.retain(|one| one.id != asked.id || one.resource_id != asked.resource_id);
    if channels.len() == before {
        return Err(Refusal::not_found());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Tells every channel of the account that something has changed.
pub(crate) fn ring(sandbox: &Arc<Sandbox>, account: &Mutex<Account>) {
    let mut account = held(account);
    account.channels.retain(|one| one.until > clock::now());
    for channel in &mut account.channels {
        channel.rung += 1;
        send(sandbox, channel.clone(), "exists");
    }
}

fn send(sandbox: &Arc<Sandbox>, channel: Channel, state: &'static str) {
    if sandbox.faults.strikes(Target::Google, Mode::DropCallbacks) {
        return;
    }
    let mut request = sandbox
        .outbound
        .client
        .post(channel.address)
        .header("x-goog-channel-id", &channel.id)
        .header("x-goog-resource-id", &channel.resource_id)
        .header("x-goog-resource-state", state)
        .header("x-goog-message-number", channel.rung + 1)
        .header("content-length", 0);
    if let Some(token) = &channel.token {
        request = request.header("x-goog-channel-token", token);
    }
    let sandbox = Arc::clone(sandbox);
    let tasks = sandbox.tasks.clone();
    tasks.spawn(async move {
        let sent = async {
            let request = request.build()?;
            sandbox.outbound.post(request).await
        };
        tokio::select! {
            sent = sent => if let Err(error) = sent {
                tracing::debug!(%error, "a channel does not answer");
            },
            () = sandbox.stop.cancelled() => {}
        }
    });
}

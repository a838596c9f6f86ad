//! Creates, reads, changes and deletes one resource of any kind.

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{ORG, Vapi, contract::Deed, refusal::Refusal};
use crate::{Sandbox, clock};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tool,
    Assistant,
    Credential,
    PhoneNumber,
    Call,
}

impl Kind {
    fn noun(self) -> &'static str {
        match self {
            Self::Tool => "Tool",
            Self::Assistant => "Assistant",
            Self::Credential => "Credential",
            Self::PhoneNumber => "Phone number",
            Self::Call => "Call",
        }
    }
}

pub(crate) async fn create(
    State(sandbox): State<Arc<Sandbox>>,
    Extension(kind): Extension<Kind>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let vapi = &sandbox.vapi;
    let body = object(&body)?;
    check(vapi, kind, Deed::Create, &body)?;
    let mut resource = body;
    resource.retain(|_, value| !value.is_null());
    if kind == Kind::Call {
        queue(vapi, &mut resource)?;
    }
    let resource = insert(vapi, kind, resource);
    Ok((StatusCode::CREATED, Json(shown(kind, resource))))
}

/// Stores `resource` under a new id with the fields that Vapi adds.
pub(crate) fn insert(vapi: &Vapi, kind: Kind, mut resource: Map<String, Value>) -> Value {
    let id = Uuid::new_v4().to_string();
    let now = clock::iso(vapi.clock.next());
    resource.insert("id".into(), id.clone().into());
    resource.insert("orgId".into(), ORG.into());
    resource.insert("createdAt".into(), now.clone().into());
    resource.insert("updatedAt".into(), now.into());
    match kind {
        Kind::Tool | Kind::Assistant => {
            resource.insert("latestVersion".into(), Value::Null);
        }
        Kind::PhoneNumber => {
            resource.insert("status".into(), "active".into());
        }
        Kind::Credential | Kind::Call => {}
    }
    let resource = Value::Object(resource);
    vapi.shelf(kind).put(&id, resource.clone());
    resource
}

pub(crate) async fn read(
    State(sandbox): State<Arc<Sandbox>>,
    Extension(kind): Extension<Kind>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let found = sandbox.vapi.shelf(kind).get(&id);
    found
        .map(|resource| Json(shown(kind, resource)))
        .ok_or_else(|| missing(kind, &id))
}

/// Replaces every property that is given, as a whole; null clears it.
pub(crate) async fn update(
    State(sandbox): State<Arc<Sandbox>>,
    Extension(kind): Extension<Kind>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let vapi = &sandbox.vapi;
    let changes = object(&body)?;
    let current = vapi
        .shelf(kind)
        .get(&id)
        .ok_or_else(|| missing(kind, &id))?;
    check_update(vapi, kind, &current, &changes)?;
    let now = clock::iso(vapi.clock.next());
    let updated = vapi.shelf(kind).change(&id, |resource| {
        for (name, value) in changes {
            match resource.as_object_mut() {
                Some(fields) if value.is_null() => {
                    fields.remove(&name);
                }
                _ => resource[name] = value,
            }
        }
        resource["updatedAt"] = now.into();
        resource.clone()
    });
    updated
        .map(|resource| Json(shown(kind, resource)))
        .ok_or_else(|| missing(kind, &id))
}

/// Deletes the resource and nothing that refers to it.
pub(crate) async fn delete(
    State(sandbox): State<Arc<Sandbox>>,
    Extension(kind): Extension<Kind>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let removed = sandbox.vapi.shelf(kind).remove(&id);
    removed
        .map(|resource| Json(shown(kind, resource)))
        .ok_or_else(|| missing(kind, &id))
}

/// The resource without the secrets that Vapi does not give back.
pub(crate) fn shown(kind: Kind, mut resource: Value) -> Value {
    if kind == Kind::Credential
        && let Some(plan) = resource["authenticationPlan"].as_object_mut()
    {
        plan.retain(|name, _| !["token", "secretKey", "clientSecret"].contains(&name.as_str()));
    }
    resource
}

fn object(body: &Bytes) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::bad_request(error.to_string()))
}

fn check(vapi: &Vapi, kind: Kind, deed: Deed, body: &Map<String, Value>) -> Result<(), Refusal> {
    let body = Value::Object(body.clone());
    vapi.contract
        .check(kind, deed, &body)
        .map_err(Refusal::violations)?;
    if kind == Kind::Credential && body["authenticationPlan"]["type"] == "oauth2" {
        return Err(Refusal::bad_request(
            "the sandbox does not play oauth2 credentials",
        ));
    }
    Ok(())
}

/// The contract has update shapes for tools and assistants only; the others must
/// still meet their create shape once the changes are in.
fn check_update(
    vapi: &Vapi,
    kind: Kind,
    current: &Value,
    changes: &Map<String, Value>,
) -> Result<(), Refusal> {
    if matches!(kind, Kind::Tool | Kind::Assistant) {
        return check(vapi, kind, Deed::Update, changes);
    }
    let mut merged = current.as_object().cloned().unwrap_or_default();
    merged.retain(|name, _| {
        !["id", "orgId", "createdAt", "updatedAt", "status"].contains(&name.as_str())
    });
    merged.extend(changes.clone());
    check(vapi, kind, Deed::Update, &merged)
}

/// An outbound call that was accepted; the sandbox plays only the calls it is told to.
fn queue(vapi: &Vapi, call: &mut Map<String, Value>) -> Result<(), Refusal> {
    if let Some(id) = call.get("assistantId").and_then(Value::as_str)
        && !vapi.shelf(Kind::Assistant).has(id)
    {
        let message = format!("Couldn't Get Assistant. `assistantId` {id} Does Not Exist.");
        return Err(Refusal::bad_request(message));
    }
    call.insert("type".into(), "outboundPhoneCall".into());
    call.insert("status".into(), "queued".into());
    call.insert("cost".into(), json!(0));
    Ok(())
}

fn missing(kind: Kind, id: &str) -> Refusal {
    Refusal::not_found(format!("{} with id {id} not found", kind.noun()))
}

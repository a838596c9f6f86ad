//! What the platform has at Vapi once, for every organisation: a credential and the tools.

mod store;

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    sync::{
        Failure, Registered,
        plan::{Step, plan},
        reconcile::{BUDGET, Reconciler},
    },
    tools::{declare::Definition, hash},
    vapi::{Error, Session},
};

/// The credential's name at Vapi, by which it is found again.
const CREDENTIAL: &str = "voxanne-webhook";

/// Everything an assistant is linked to.
#[derive(Clone, Debug)]
pub(crate) struct Platform {
    pub(crate) credential_id: String,
    pub(crate) tools: Vec<Registered>,
}

impl Reconciler {
    /// Brings credential and tools to what they should be; `None` while another replica does.
    ///
    /// Two that create at once would both succeed at Vapi, so one holds a lease. It is a row and
    /// no lock, because a transaction must not stay open while Vapi thinks.
    pub(crate) async fn register(&self) -> Result<Option<Platform>, Failure> {
        let holder = Uuid::new_v4();
        let mut tx = self
            .system("take the lease on the platform's tools")
            .await?;
        let taken = store::take_lease(&mut tx, holder).await?;
        tx.commit().await?;
        if !taken {
            return Ok(None);
        }
        let outcome = self.registered().await;
        let mut tx = self.system("give the lease back").await?;
        store::release_lease(&mut tx, holder).await?;
        tx.commit().await?;
        outcome.map(Some)
    }

    /// What was registered last, if anything was.
    pub(crate) async fn registrations(&self) -> Result<Option<Platform>, sqlx::Error> {
        let mut tx = self.system("read the platform's registrations").await?;
        let credential = store::load_credential(&mut tx, CREDENTIAL).await?;
        let tools = store::list_tools(&mut tx).await?;
        tx.commit().await?;
        let names = self.toolbox.names();
        Ok(credential.map(|(credential_id, _)| Platform {
            credential_id,
            tools: tools
                .into_iter()
                .filter(|tool| names.contains(&tool.name.as_str()))
                .collect(),
        }))
    }

    async fn registered(&self) -> Result<Platform, Failure> {
        let session = self.vapi.within(BUDGET);
        let credential_id = self.credential(&session).await?;
        let desired = self.toolbox.definitions(&credential_id);
        let mut tx = self.system("read the platform's tools").await?;
        let known = store::list_tools(&mut tx).await?;
        tx.commit().await?;
        let at_vapi = session.list("tool", None).await?;
        let mut tools = Vec::new();
        for step in plan(&desired, &known, &at_vapi) {
            let registered = take(&session, step).await?;
            if !known.contains(&registered) {
                let mut tx = self.system("keep a tool's id").await?;
                store::upsert_tool(&mut tx, &registered, self.clock.now()).await?;
                tx.commit().await?;
            }
            tools.push(registered);
        }
        Ok(Platform {
            credential_id,
            tools,
        })
    }

    /// The id of the credential that makes Vapi send our secret in `X-Vapi-Secret`.
    async fn credential(&self, session: &Session<'_>) -> Result<String, Failure> {
        let plan = json!({
            "type": "bearer",
            "token": self.webhook_secret.expose_secret(),
            "headerName": "X-Vapi-Secret",
            "bearerPrefixEnabled": false,
        });
        // A plain hash of a weak secret could be guessed from a copy of the database.
        let (_, signed) = self
            .keys
            .sign("vapi-credential", hash::canonical(&plan).as_bytes());
        let wanted = hex::encode(signed);
        let mut tx = self.system("read the platform's credential").await?;
        let known = store::load_credential(&mut tx, CREDENTIAL).await?;
        tx.commit().await?;
        let at_vapi = session.list("credential", None).await?;
        let found = at_vapi
            .iter()
            .find(|one| known.as_ref().is_some_and(|(id, _)| one["id"] == **id))
            .or_else(|| named(&at_vapi));
        let id = match found {
            None => {
                let body = json!({"provider": "custom-credential", "name": CREDENTIAL, "authenticationPlan": plan});
                id_of(&session.create("credential", &body).await?)?
            }
            Some(found) => {
                let id = id_of(found)?;
                if known == Some((id.clone(), wanted.clone())) {
                    return Ok(id);
                }
                // Vapi shows no secrets, so whether it has ours can only be made sure of.
                let body = json!({"name": CREDENTIAL, "authenticationPlan": plan});
                id_of(&session.patch("credential", &id, &body).await?)?
            }
        };
        let mut tx = self.system("keep the credential's id").await?;
        store::upsert_credential(&mut tx, (CREDENTIAL, &id), &wanted, self.clock.now()).await?;
        tx.commit().await?;
        Ok(id)
    }
}

/// The credential with our name; of several the one with the smallest id.
fn named(at_vapi: &[Value]) -> Option<&Value> {
    at_vapi
        .iter()
        .filter(|one| one["name"] == CREDENTIAL)
        .min_by_key(|one| one["id"].as_str())
}

async fn take(session: &Session<'_>, step: Step<'_>) -> Result<Registered, Error> {
    let registered = |tool: &Definition, vapi_tool_id: String| Registered {
        name: tool.name.to_owned(),
        vapi_tool_id,
        hash: tool.hash.clone(),
    };
    match step {
        Step::Keep { tool, id } => Ok(registered(tool, id)),
        Step::Update { tool, id } => {
            update(session, &id, &tool.body).await?;
            Ok(registered(tool, id))
        }
        Step::Create { tool } => {
            let created = session.create("tool", &tool.body).await?;
            Ok(registered(tool, id_of(&created)?))
        }
        Step::Recreate { tool, id } => match session.get("tool", &id).await {
            Ok(_) => {
                update(session, &id, &tool.body).await?;
                Ok(registered(tool, id))
            }
            Err(error) if error.is_gone() => {
                tracing::warn!(
                    tool.name = tool.name,
                    "a tool is gone from Vapi and is made again"
                );
                let created = session.create("tool", &tool.body).await?;
                Ok(registered(tool, id_of(&created)?))
            }
            Err(error) => Err(error),
        },
    }
}

/// Vapi's published contract knows `type` in an update, and some of its versions refuse it.
async fn update(session: &Session<'_>, id: &str, body: &Value) -> Result<Value, Error> {
    match session.patch("tool", id, body).await {
        Err(error) if error.refuses_property("type") => {
            let mut untyped = body.clone();
            if let Some(fields) = untyped.as_object_mut() {
                fields.remove("type");
            }
            session.patch("tool", id, &untyped).await
        }
        outcome => outcome,
    }
}

pub(crate) fn id_of(resource: &Value) -> Result<String, Error> {
    let id = resource["id"].as_str().filter(|id| !id.is_empty());
    id.map(str::to_owned).ok_or(Error::Unreadable)
}

#[cfg(test)]
mod tests;

//! The request shapes of Vapi's published contract.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock},
};

use anyhow::Context as _;
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use super::{resources::Kind, violations};

const CONTRACT: &str = include_str!("../../contracts/vapi.json");

/// What is done to a resource, for the shapes that differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Create,
    Update,
}

pub(crate) struct Contract {
    document: Value,
    /// Compiled on first use: the assistant alone refers to 300 definitions.
    compiled: Mutex<HashMap<&'static str, Arc<OnceLock<Validator>>>>,
}

impl Contract {
    pub(crate) fn load() -> anyhow::Result<Self> {
        let document = serde_json::from_str(CONTRACT).context("reading the Vapi contract")?;
        Ok(Self {
            document,
            compiled: Mutex::default(),
        })
    }

    /// What Vapi would say against `body`, in its own words.
    pub(crate) fn check(&self, kind: Kind, deed: Deed, body: &Value) -> Result<(), Vec<String>> {
        let root = root(kind, deed, body)?;
        // A null stands for "no value" in every optional property.
        let given = without_nulls(body);
        let validator = self.validator(root);
        let validator = validator.get_or_init(|| self.compile(root));
        let messages = violations::messages(validator, &given);
        if messages.is_empty() {
            Ok(())
        } else {
            Err(messages)
        }
    }

    fn validator(&self, root: &'static str) -> Arc<OnceLock<Validator>> {
        let mut compiled = self
            .compiled
            .lock()
            .expect("no code that holds this lock can panic");
        Arc::clone(compiled.entry(root).or_default())
    }

    fn compile(&self, root: &str) -> Validator {
        let schema = json!({
            "$schema": self.document["$schema"],
            "definitions": self.document["definitions"],
            "allOf": [{"$ref": format!("#/definitions/{root}")}],
        });
        jsonschema::options()
            .with_draft(Draft::Draft4)
            .build(&schema)
            .expect("the contract is a file of this crate and a test compiles every root")
    }
}

/// The definition that `body` must meet.
fn root(kind: Kind, deed: Deed, body: &Value) -> Result<&'static str, Vec<String>> {
    let wrong = |property: &str, allowed: &str| {
        Err(vec![format!(
            "{property} must be one of the following values: {allowed}"
        )])
    };
    match (kind, deed) {
        (Kind::Tool, Deed::Create) if body["type"] != "function" => wrong("type", "function"),
        (Kind::Tool, Deed::Create) => Ok("CreateFunctionToolDTO"),
        (Kind::Tool, Deed::Update) => Ok("UpdateFunctionToolDTO"),
        (Kind::Assistant, Deed::Create) => Ok("CreateAssistantDTO"),
        (Kind::Assistant, Deed::Update) => Ok("UpdateAssistantDTO"),
        (Kind::Credential, _) => match body["provider"].as_str() {
            Some("custom-credential") => Ok("CreateCustomCredentialDTO"),
            Some("webhook") => Ok("CreateWebhookCredentialDTO"),
            _ => wrong("provider", "custom-credential, webhook"),
        },
        (Kind::PhoneNumber, _) if body["provider"] != "twilio" => wrong("provider", "twilio"),
        (Kind::PhoneNumber, _) => Ok("CreateTwilioPhoneNumberDTO"),
        (Kind::Call, _) => Ok("CreateCallDTO"),
    }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !value.is_null());
            kept.map(|(name, value)| (name.clone(), without_nulls(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        plain => plain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Contract, Deed, root};
    use crate::vapi::resources::Kind;

    #[test]
    fn every_definition_that_can_be_asked_for_compiles() {
        let contract = Contract::load().unwrap();
        for (kind, deed, body) in [
            (Kind::Tool, Deed::Create, json!({"type": "function"})),
            (Kind::Tool, Deed::Update, json!({})),
            (Kind::Assistant, Deed::Create, json!({})),
            (Kind::Assistant, Deed::Update, json!({})),
            (
                Kind::Credential,
                Deed::Create,
                json!({"provider": "custom-credential"}),
            ),
            (
                Kind::Credential,
                Deed::Create,
                json!({"provider": "webhook"}),
            ),
            (
                Kind::PhoneNumber,
                Deed::Create,
                json!({"provider": "twilio"}),
            ),
            (Kind::Call, Deed::Create, json!({})),
        ] {
            let root = root(kind, deed, &body).unwrap();
            assert!(
                !contract
                    .compile(root)
                    .is_valid(&json!({"nothing": "like this"})),
                "{root}"
            );
        }
    }
}

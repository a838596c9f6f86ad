//! The tools that an assistant has at the start of a call.

use serde_json::{Map, Value, json};

use super::{Vapi, resources::Kind};

/// The assistant with its linked tools written out, as webhooks carry it; or the id
/// of a linked tool that no longer exists, which ends a call before it begins.
pub(crate) fn expand(vapi: &Vapi, assistant: &Value) -> Result<Value, String> {
    let model = &assistant["model"];
    let mut tools: Vec<Value> = model["tools"].as_array().cloned().unwrap_or_default();
    for id in model["toolIds"].as_array().into_iter().flatten() {
        let id = id.as_str().unwrap_or_default();
        tools.push(
            vapi.shelf(Kind::Tool)
                .get(id)
                .ok_or_else(|| id.to_owned())?,
        );
    }
    let mut expanded = assistant.clone();
    if model.is_object() {
        expanded["model"]["tools"] = tools.into();
    }
    Ok(expanded)
}

/// The tool that the model would call by `name`.
pub(crate) fn find<'a>(assistant: &'a Value, name: &str) -> Option<&'a Value> {
    let tools = assistant["model"]["tools"].as_array()?;
    tools
        .iter()
        .find(|tool| tool["type"] == "function" && tool["function"]["name"] == name)
}

/// The arguments as the tool's server gets them: static parameters win over the model's.
pub(crate) fn arguments(tool: &Value, given: &Value, scope: &Value) -> Value {
    let mut arguments: Map<String, Value> = given.as_object().cloned().unwrap_or_default();
    for parameter in tool["parameters"].as_array().into_iter().flatten() {
        let Some(key) = parameter["key"].as_str() else {
            continue;
        };
        let value = match parameter["value"].as_str() {
            Some(template) => json!(super::liquid::render(template, scope)),
            None => parameter["value"].clone(),
        };
        arguments.insert(key.to_owned(), value);
    }
    Value::Object(arguments)
}

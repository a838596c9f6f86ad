//! The tool calls of a message.

use std::collections::HashSet;

use serde_json::{Map, Value};
use voxanne_privacy::Private;

use super::text;

/// More calls at once than any model makes; the rest is answered without being run.
pub(in crate::webhooks::vapi) const MAX_CALLS: usize = 32;
/// An id or a name longer than this is none.
const MAX_LENGTH: usize = 256;

/// One call of a tool by the model.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::webhooks::vapi) struct ToolCall {
    pub(in crate::webhooks::vapi) id: String,
    /// Empty when the message has none.
    pub(in crate::webhooks::vapi) name: String,
    /// None when the model wrote something that is no object.
    pub(in crate::webhooks::vapi) arguments: Option<Private<Map<String, Value>>>,
}

/// The calls in order, each once. The first list that has any counts: the others repeat it.
pub(super) fn read(message: &Value) -> Vec<ToolCall> {
    let plain = |name| list(message, name).cloned().collect::<Vec<_>>();
    let wrapped = || {
        list(message, "toolWithToolCallList")
            .filter_map(|one| one.get("toolCall").cloned())
            .collect()
    };
    let found = [plain("toolCallList"), plain("toolCalls"), wrapped()];
    let calls = found.into_iter().find(|calls| !calls.is_empty());
    let mut seen = HashSet::new();
    calls
        .unwrap_or_default()
        .iter()
        .filter(|call| call.is_object())
        .map(one)
        .filter(|call| call.id.is_empty() || seen.insert(call.id.clone()))
        .collect()
}

fn list<'a>(message: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    message
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn one(call: &Value) -> ToolCall {
    let id = match call.get("id") {
        Some(Value::Number(number)) => number.to_string(),
        _ => short(text(call, &["id"])),
    };
    ToolCall {
        id,
        name: short(text(call, &["function", "name"]).or_else(|| text(call, &["name"]))),
        arguments: arguments(call).map(Private::new),
    }
}

fn short(text: Option<&str>) -> String {
    let text = text.filter(|text| text.len() <= MAX_LENGTH);
    text.unwrap_or_default().to_owned()
}

/// Arguments are nested or flat, called `arguments` or `parameters`, an object or its text. A tool
/// without arguments may have none of these.
fn arguments(call: &Value) -> Option<Map<String, Value>> {
    let places = [call.get("function"), Some(call)];
    let mut found = places
        .into_iter()
        .flatten()
        .flat_map(|place| ["arguments", "parameters"].map(|name| place.get(name)))
        .flatten()
        .filter(|value| !value.is_null());
    match found.next() {
        None => Some(Map::new()),
        Some(Value::Object(object)) => Some(object.clone()),
        Some(Value::String(text)) if text.trim().is_empty() => Some(Map::new()),
        Some(Value::String(text)) => match serde_json::from_str(text).ok()? {
            Value::Object(object) => Some(object),
            Value::Null => Some(Map::new()),
            _ => None,
        },
        Some(_) => None,
    }
}

//! Lets a script refer to a slot that was offered earlier in the same call.

use serde_json::Value;

/// Ids of the slots in a `getCalendarSlots` result, in the order they were offered.
pub(crate) fn offered(result: &Value) -> Vec<String> {
    let slots = result["data"]["slots"].as_array().into_iter().flatten();
    slots
        .filter_map(|slot| slot["slotId"].as_str().map(str::to_owned))
        .collect()
}

/// Replaces every string `$slot:N` in `arguments` by the id of slot `N`.
pub(crate) fn fill(arguments: &Value, slots: &[String]) -> Result<Value, String> {
    Ok(match arguments {
        Value::String(text) => match text.strip_prefix("$slot:") {
            Some(index) => {
                let slot = index.parse().ok().and_then(|index: usize| slots.get(index));
                let slot =
                    slot.ok_or_else(|| format!("slot {index} was not offered in this call"))?;
                Value::String(slot.clone())
            }
            None => arguments.clone(),
        },
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| fill(item, slots))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(fields) => {
            let filled = fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), fill(value, slots)?)));
            Value::Object(filled.collect::<Result<_, String>>()?)
        }
        plain => plain.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{fill, offered};

    #[test]
    fn a_slot_is_named_by_its_place() {
        let slots = offered(&json!({"data": {"slots": [{"slotId": "a"}, {"slotId": "b"}]}}));
        let filled = fill(&json!({"slotId": "$slot:1", "n": ["$slot:0", 7]}), &slots);
        assert_eq!(filled, Ok(json!({"slotId": "b", "n": ["a", 7]})));
        assert!(fill(&json!("$slot:2"), &slots).is_err());
    }
}

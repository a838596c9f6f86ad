//! What to do about the platform's tools at Vapi: pure, from what is wanted and what is there.

use serde_json::Value;

use crate::{sync::Registered, tools::declare::Definition};

/// One step for one tool.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step<'a> {
    /// Vapi has it as it should be.
    Keep { tool: &'a Definition, id: String },
    /// Vapi has another definition.
    Update { tool: &'a Definition, id: String },
    /// Vapi never had it.
    Create { tool: &'a Definition },
    /// It was registered as `id`, which a list of Vapi's tools does not show. Only a direct look
    /// tells whether it is gone.
    Recreate { tool: &'a Definition, id: String },
}

/// Plans a step for each of `desired`, given what was registered before and what `at_vapi` lists.
pub(crate) fn plan<'a>(
    desired: &'a [Definition],
    registered: &[Registered],
    at_vapi: &[Value],
) -> Vec<Step<'a>> {
    desired
        .iter()
        .map(|tool| {
            let known = registered.iter().find(|known| known.name == tool.name);
            step(tool, known, at_vapi)
        })
        .collect()
}

fn step<'a>(tool: &'a Definition, known: Option<&Registered>, at_vapi: &[Value]) -> Step<'a> {
    let kept = known.and_then(|known| {
        let listed = at_vapi
            .iter()
            .find(|one| one["id"] == *known.vapi_tool_id)?;
        Some((listed, known.hash == tool.hash))
    });
    // What an earlier attempt made without living to write it down has our name and our address.
    let found = kept.or_else(|| adoptable(tool, at_vapi).map(|listed| (listed, true)));
    match (found, known) {
        (Some((listed, same_hash)), _) => {
            let id = listed["id"].as_str().unwrap_or_default().to_owned();
            if same_hash && covers(listed, &tool.body) {
                Step::Keep { tool, id }
            } else {
                Step::Update { tool, id }
            }
        }
        (None, Some(known)) => Step::Recreate {
            tool,
            id: known.vapi_tool_id.clone(),
        },
        (None, None) => Step::Create { tool },
    }
}

/// The tool at Vapi with this name and address; of several the one with the smallest id, so that
/// every attempt chooses the same.
fn adoptable<'a>(tool: &Definition, at_vapi: &'a [Value]) -> Option<&'a Value> {
    at_vapi
        .iter()
        .filter(|one| {
            one["function"]["name"] == tool.name
                && one["server"]["url"] == tool.body["server"]["url"]
        })
        .min_by_key(|one| one["id"].as_str())
}

/// Whether `actual` says everything that `wanted` says; Vapi adds fields of its own.
pub(crate) fn covers(actual: &Value, wanted: &Value) -> bool {
    match (actual, wanted) {
        (Value::Object(actual), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, value)| actual.get(name).is_some_and(|actual| covers(actual, value))),
        (Value::Array(actual), Value::Array(wanted)) => {
            actual.len() == wanted.len()
                && actual
                    .iter()
                    .zip(wanted)
                    .all(|(actual, wanted)| covers(actual, wanted))
        }
        _ => actual == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wanted() -> Definition {
        Definition {
            name: "getCalendarSlots",
            body: json!({
                "type": "function",
                "function": {"name": "getCalendarSlots"},
                "server": {"url": "https://ours"},
            }),
            hash: "h1".into(),
        }
    }

    fn known(hash: &str) -> Registered {
        Registered {
            name: "getCalendarSlots".into(),
            vapi_tool_id: "t2".into(),
            hash: hash.into(),
        }
    }

    fn listed(id: &str, url: &str) -> Value {
        let mut tool = wanted().body;
        tool["id"] = id.into();
        tool["orgId"] = "theirs".into();
        tool["server"]["url"] = url.into();
        tool
    }

    /// The step for our tool, with the id it is about.
    fn step_for(registered: &[Registered], at_vapi: &[Value]) -> String {
        let tool = wanted();
        let steps = plan(std::slice::from_ref(&tool), registered, at_vapi);
        match &steps[..] {
            [Step::Keep { id, .. }] => format!("keep {id}"),
            [Step::Update { id, .. }] => format!("update {id}"),
            [Step::Create { .. }] => "create".into(),
            [Step::Recreate { id, .. }] => format!("recreate {id}"),
            _ => panic!("one tool, one step: {steps:?}"),
        }
    }

    #[test]
    fn a_tool_without_a_registration_is_adopted_or_created() {
        let (ours, other) = ("https://ours", "https://other");
        for (case, at_vapi, step) in [
            ("nothing there", vec![], "create"),
            ("somebody else's", vec![listed("t1", other)], "create"),
            ("a lost answer", vec![listed("t1", ours)], "keep t1"),
            (
                "two",
                vec![listed("t9", ours), listed("t3", ours)],
                "keep t3",
            ),
        ] {
            assert_eq!(step_for(&[], &at_vapi), step, "{case}");
        }
    }

    #[test]
    fn a_registered_tool_is_kept_updated_or_made_again() {
        let (ours, other) = ("https://ours", "https://other");
        for (case, hash, at_vapi, step) in [
            ("as it should be", "h1", vec![listed("t2", ours)], "keep t2"),
            ("defined anew", "h0", vec![listed("t2", ours)], "update t2"),
            ("edited", "h1", vec![listed("t2", other)], "update t2"),
            ("another there", "h1", vec![listed("t1", ours)], "keep t1"),
            ("gone", "h1", vec![], "recreate t2"),
        ] {
            assert_eq!(step_for(&[known(hash)], &at_vapi), step, "{case}");
        }
    }

    #[test]
    fn vapi_may_add_but_not_change() {
        let actual = json!({"a": {"b": 1, "more": 2}, "list": [{"c": 1, "more": 1}]});
        assert!(covers(&actual, &json!({"a": {"b": 1}, "list": [{"c": 1}]})));
        assert!(!covers(&actual, &json!({"a": {"b": 2}})));
        assert!(!covers(&actual, &json!({"list": []})));
        assert!(!covers(&actual, &json!({"d": null})));
    }
}

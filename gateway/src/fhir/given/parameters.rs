//! The Parameters resource, as names with values.

use serde_json::{Map, Value};
use voxanne_problem::{Problem, Violations};

/// More than any operation knows.
const MOST: usize = 50;

/// The parameters of `body`. All that is wrong is told at once.
pub(super) fn read(body: Value) -> Result<Vec<(String, Value)>, Problem> {
    let mut wrong = Violations::default();
    let Value::Object(mut body) = body else {
        wrong.add("resourceType", "TYPE", "expected a Parameters resource");
        return wrong.finish(None);
    };
    if body.get("resourceType").and_then(Value::as_str) != Some("Parameters") {
        let detail = "expected a Parameters resource";
        wrong.add("resourceType", "ONE_OF", detail);
    }
    let listed = match body.remove("parameter") {
        None => Vec::new(),
        Some(Value::Array(listed)) if listed.len() <= MOST => listed,
        Some(Value::Array(_)) => {
            wrong.add("parameter", "RANGE", format!("at most {MOST} entries"));
            Vec::new()
        }
        Some(_) => {
            wrong.add("parameter", "TYPE", "expected a list");
            Vec::new()
        }
    };
    let mut read = Vec::new();
    for (number, one) in listed.into_iter().enumerate() {
        let Value::Object(one) = one else {
            wrong.add(format!("parameter[{number}]"), "TYPE", "expected an object");
            continue;
        };
        read.extend(entry(number, one, &mut wrong));
    }
    wrong.finish(Some(read))
}

fn entry(
    number: usize,
    mut one: Map<String, Value>,
    wrong: &mut Violations,
) -> Option<(String, Value)> {
    let Some(Value::String(name)) = one.remove("name") else {
        let place = format!("parameter[{number}].name");
        wrong.add(place, "REQUIRED", "a parameter has a name");
        return None;
    };
    let value = match one.remove("resource") {
        Some(resource) if resource.is_object() => Some(resource),
        Some(_) => None,
        None => {
            let mut values = one.into_iter().filter(|(key, _)| key.starts_with("value"));
            let first = values.next().and_then(|(_, value)| text(&value));
            first.filter(|_| values.next().is_none())
        }
    };
    if value.is_none() {
        let place = format!("parameter[{number}]");
        wrong.add(
            place,
            "TYPE",
            "expected one value that an operation here takes",
        );
    }
    value.map(|value| (name, value))
}

/// A primitive, a reference or a code as the text that it has in a query.
fn text(value: &Value) -> Option<Value> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(is_so) => is_so.to_string(),
        Value::Object(parts) => {
            let part = |name: &str| parts.get(name).and_then(Value::as_str);
            match (part("reference"), part("code")) {
                (Some(reference), _) => reference.to_owned(),
                (None, Some(code)) => match part("system") {
                    Some(system) => format!("{system}|{code}"),
                    None => code.to_owned(),
                },
                (None, None) => return None,
            }
        }
        Value::Null | Value::Array(_) => return None,
    };
    Some(Value::String(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_every_kind_are_texts_and_resources_stay_whole() {
        let patient = json!({ "resourceType": "Patient" });
        let body = json!({ "resourceType": "Parameters", "parameter": [
            { "name": "start", "valueDateTime": "2026-12-01" },
            { "name": "_count", "valueInteger": 3 },
            { "name": "who", "valueReference": { "reference": "Patient/a", "display": "x" } },
            { "name": "what", "valueCoding": { "system": "s", "code": "c" } },
            { "name": "patient-resource", "resource": patient },
        ]});
        let read = read(body).unwrap();
        let expected = [
            ("start", json!("2026-12-01")),
            ("_count", json!("3")),
            ("who", json!("Patient/a")),
            ("what", json!("s|c")),
            ("patient-resource", patient),
        ];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value)));
    }

    #[test]
    fn everything_that_is_wrong_is_told() {
        for body in [json!([]), json!("x"), json!(null)] {
            assert!(read(body).is_err());
        }
        let body = json!({ "resourceType": "Bundle", "parameter": [
            3, { "valueString": "x" }, { "name": "a" }, { "name": "b", "valueString": null },
            { "name": "c", "valueString": "x", "valueCode": "y" }, { "name": "d", "resource": 1 },
        ]});
        let problem = read(body).unwrap_err();
        let fields: Vec<_> = problem.violations.iter().map(|one| &*one.field).collect();
        let expected = [
            "resourceType",
            "parameter[0]",
            "parameter[1].name",
            "parameter[2]",
            "parameter[3]",
            "parameter[4]",
            "parameter[5]",
        ];
        assert_eq!(fields, expected);
    }
}

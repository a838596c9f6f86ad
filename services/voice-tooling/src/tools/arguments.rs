//! What a model gave a tool, held against the tool's own schema.

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::{Map, Value};

/// The compiled schema of one tool's arguments.
pub(crate) struct Schema(Validator);

impl Schema {
    pub(crate) fn of(parameters: &Value) -> Self {
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(parameters)
            .expect("the schemas are constants and a test compiles each");
        Self(validator)
    }

    /// Reads arguments, or says in one sentence everything that is wrong with them.
    ///
    /// Models fill optional fields with nothing rather than leaving them out, so an empty value
    /// counts as absent. Nothing else is guessed.
    pub(crate) fn read(&self, json: &str) -> Result<Map<String, Value>, String> {
        let Ok(Value::Object(mut fields)) = serde_json::from_str(json) else {
            return Err("The arguments must be a JSON object.".to_owned());
        };
        fields.retain(|_, value| {
            !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty())
        });
        let instance = Value::Object(fields);
        let faults: Vec<_> = self
            .0
            .iter_errors(&instance)
            .map(|error| fault(&error))
            .collect();
        match instance {
            Value::Object(fields) if faults.is_empty() => Ok(fields),
            _ => Err(format!(
                "The tool was not used: {}. Ask the caller if needed and try again.",
                faults.join("; ")
            )),
        }
    }
}

fn fault(error: &ValidationError<'_>) -> String {
    let path = error.instance_path().as_str();
    let field = path.trim_start_matches('/').replace('/', ".");
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            format!("{} is missing", property.as_str().unwrap_or_default())
        }
        ValidationErrorKind::Format { format } if format == "date" => {
            format!("{field} must be a date like 2026-12-01")
        }
        ValidationErrorKind::Enum { options } => {
            let options = options.as_array().into_iter().flatten();
            let words: Vec<_> = options.filter_map(Value::as_str).collect();
            format!("{field} must be one of {}", words.join(", "))
        }
        ValidationErrorKind::MaxLength { limit } => {
            format!("{field} must be at most {limit} characters")
        }
        ValidationErrorKind::Type { .. } => format!("{field} must be a text"),
        _ => format!("{field} cannot be used"),
    }
}

#[cfg(test)]
mod tests {
    use crate::tools::{Tool, declare::declare};

    use super::*;

    fn schema(tool: Tool) -> Schema {
        Schema::of(&declare(tool).parameters)
    }

    #[test]
    fn every_fault_is_said_in_one_sentence() {
        let booking = schema(Tool::BookClinicAppointment);
        let said = booking
            .read(r#"{"patientName": 7, "dateOfBirth": "last year"}"#)
            .unwrap_err();
        for part in [
            "slotId is missing",
            "patientName must be a text",
            "dateOfBirth must be a date like 2026-12-01",
        ] {
            assert!(said.contains(part), "{said}");
        }
        assert!(!said.contains('\n'));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let slots = schema(Tool::GetCalendarSlots);
        for json in ["", "null", "[]", "\"{}\"", "{", "next Tuesday"] {
            assert!(slots.read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn an_empty_value_counts_as_absent_and_nothing_is_guessed() {
        let slots = schema(Tool::GetCalendarSlots);
        let read = slots
            .read(r#"{"date": "", "partOfDay": null, "other": 1}"#)
            .unwrap();
        assert_eq!(read.keys().collect::<Vec<_>>(), ["other"]);
        for json in [
            r#"{"date": "next Tuesday"}"#,
            r#"{"date": "2026-02-30"}"#,
            r#"{"partOfDay": "noonish"}"#,
        ] {
            assert!(slots.read(json).is_err(), "{json}");
        }
    }
}

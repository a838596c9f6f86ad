//! The schemas of our own OpenAPI document, compiled once for each type.

use std::{
    any::TypeId,
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::{Map, Value, json};
use utoipa::{
    IntoParams,
    openapi::{OpenApi, path::ParameterIn},
};
use voxanne_ids::{BookingId, LocationId, PatientId, ProviderId, RoomId, ServiceId, UserId};
use voxanne_problem::{Problem, Violations};

use super::Form;

/// The longest name of a field that is repeated.
const LONGEST_NAME: usize = 40;

/// Places that were noted, each once for a code.
type Seen = HashSet<(String, &'static str)>;

/// Compiled schemas by type.
pub struct Forms {
    components: Value,
    compiled: RwLock<HashMap<TypeId, Arc<Schema>>>,
}

impl Forms {
    pub fn new(document: &OpenApi) -> Self {
        let components = serde_json::to_value(&document.components)
            .expect("the document is made of texts, numbers and lists");
        Self {
            components,
            compiled: RwLock::default(),
        }
    }

    pub(super) fn body<T: Form>(&self) -> Result<Arc<Schema>, Problem> {
        self.once::<T>(|| json!({ "$ref": format!("#/components/schemas/{}", T::name()) }))
    }

    pub(super) fn query<T: IntoParams + 'static>(&self) -> Result<Arc<Schema>, Problem> {
        self.once::<T>(|| {
            let mut properties = Map::new();
            for parameter in T::into_params(|| Some(ParameterIn::Query)) {
                let schema = serde_json::to_value(&parameter.schema).unwrap_or_default();
                properties.insert(parameter.name, schema);
            }
            json!({ "type": "object", "properties": properties, "additionalProperties": false })
        })
    }

    fn once<T: 'static>(&self, root: impl FnOnce() -> Value) -> Result<Arc<Schema>, Problem> {
        let key = TypeId::of::<T>();
        let known = self.compiled.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = known.get(&key) {
            return Ok(schema.clone());
        }
        drop(known);
        let mut root = root();
        root["components"] = self.components.clone();
        let schema = Arc::new(Schema::compile(root)?);
        let mut known = self
            .compiled
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        known.insert(key, schema.clone());
        Ok(schema)
    }
}

/// The compiled schema of one type.
pub(super) struct Schema {
    root: Value,
    validator: Validator,
}

impl Schema {
    fn compile(root: Value) -> Result<Self, Problem> {
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .with_format("location-id", |text| text.parse::<LocationId>().is_ok())
            .with_format("provider-id", |text| text.parse::<ProviderId>().is_ok())
            .with_format("service-id", |text| text.parse::<ServiceId>().is_ok())
            .with_format("patient-id", |text| text.parse::<PatientId>().is_ok())
            .with_format("room-id", |text| text.parse::<RoomId>().is_ok())
            .with_format("booking-id", |text| text.parse::<BookingId>().is_ok())
            .with_format("user-id", |text| text.parse::<UserId>().is_ok())
            .with_format("time-zone", |text| jiff::tz::TimeZone::get(text).is_ok())
            .with_format("date-time", |text| text.parse::<jiff::Timestamp>().is_ok())
            .build(&root)
            .map_err(|error| Problem::internal(format!("a schema of ours: {error}")))?;
        Ok(Self { root, validator })
    }

    /// Notes everything in `form` that breaks the schema.
    pub(super) fn check(&self, form: &Value, wrong: &mut Violations) {
        let mut seen = Seen::new();
        for error in self.validator.iter_errors(form) {
            note(&error, &mut seen, wrong);
        }
        refuse_unkeepable(form, "", &mut seen, wrong);
    }

    /// Parameters as the values that the schema asks for. A text that is none of them stays a
    /// text, for [`check`](Self::check) to find.
    pub(super) fn collect(&self, pairs: Vec<(String, String)>, wrong: &mut Violations) -> Value {
        let mut form = Map::new();
        for (name, text) in pairs {
            let value = match self.kind(&name) {
                Some("integer") => text.parse::<i64>().map_or(Value::String(text), Value::from),
                Some("boolean") => text
                    .parse::<bool>()
                    .map_or(Value::String(text), Value::from),
                _ => Value::String(text),
            };
            if form.insert(name.clone(), value).is_some() {
                wrong.add(told_name(&name), "REPEATED", "give this parameter once");
            }
        }
        Value::Object(form)
    }

    fn kind(&self, name: &str) -> Option<&str> {
        let kind = &self.root["properties"][name]["type"];
        kind.as_str().or_else(|| {
            kind.as_array()?
                .iter()
                .filter_map(Value::as_str)
                .find(|kind| *kind != "null")
        })
    }
}

/// One violation for each place and code. The value itself is never repeated: it may be a secret.
fn note(error: &ValidationError<'_>, seen: &mut Seen, wrong: &mut Violations) {
    use ValidationErrorKind as Kind;
    let place = dotted(error.instance_path().as_str());
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                wrong.add(
                    under(&place, name),
                    "UNKNOWN_FIELD",
                    "there is no such field",
                );
            }
        }
        Kind::Required { property } => {
            let field = under(&place, property.as_str().unwrap_or_default());
            wrong.add(field, "REQUIRED", "this field is missing");
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            // "Nothing or this": what matters is what is wrong with this.
            let branch = context
                .iter()
                .find(|errors| !is_another_type(errors, error));
            match branch {
                Some(errors) => errors.iter().for_each(|inner| note(inner, seen, wrong)),
                None => wrong.add(place, "TYPE", "this field has another type"),
            }
        }
        kind => {
            let (code, detail) = told(kind);
            if seen.insert((place.clone(), code)) {
                wrong.add(place, code, detail);
            }
        }
    }
}

/// Whether a branch fails as a whole and not in some part of it.
fn is_another_type(branch: &[ValidationError<'_>], whole: &ValidationError<'_>) -> bool {
    let [only] = branch else { return false };
    matches!(only.kind(), ValidationErrorKind::Type { .. })
        && only.instance_path().as_str() == whole.instance_path().as_str()
}

fn told(kind: &ValidationErrorKind) -> (&'static str, String) {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::Type { .. } => ("TYPE", "this field has another type".to_owned()),
        Kind::Format { format } => ("FORMAT", sentence(format)),
        Kind::Pattern { .. } => ("FORMAT", "this field is written differently".to_owned()),
        Kind::Enum { options } => ("ONE_OF", format!("expected one of {options}")),
        Kind::Constant { .. } => ("ONE_OF", "expected another value".to_owned()),
        Kind::MinLength { limit: 1 } => ("RANGE", "this field is empty".to_owned()),
        Kind::MinLength { limit } => ("RANGE", format!("at least {limit} characters")),
        Kind::MaxLength { limit } => ("RANGE", format!("at most {limit} characters")),
        Kind::MinItems { limit } => ("RANGE", format!("at least {limit} entries")),
        Kind::MaxItems { limit } => ("RANGE", format!("at most {limit} entries")),
        Kind::Minimum { limit } => ("RANGE", format!("at least {limit}")),
        Kind::Maximum { limit } => ("RANGE", format!("at most {limit}")),
        _ => ("INVALID", "this field is not acceptable".to_owned()),
    }
}

fn sentence(format: &str) -> String {
    match format {
        "date-time" => "expected a time such as 2026-12-01T09:00:00Z".to_owned(),
        "time-zone" => "expected a time zone such as America/New_York".to_owned(),
        "email" => "expected an e-mail address".to_owned(),
        other => format!("expected the format {other}"),
    }
}

/// What a schema lets through and no field keeps: a text with a NUL, which databases refuse, and a
/// number that is whole only on paper, such as `30.0` or `1e30`.
fn refuse_unkeepable(value: &Value, place: &str, seen: &mut Seen, wrong: &mut Violations) {
    let refused = match value {
        Value::String(text) if text.contains('\0') => {
            Some(("FORMAT", "this field has a character that cannot be kept"))
        }
        Value::Number(number) if !number.is_i64() => Some(("TYPE", "expected a whole number")),
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                refuse_unkeepable(item, &under(place, &number.to_string()), seen, wrong);
            }
            None
        }
        Value::Object(members) => {
            for (name, member) in members {
                refuse_unkeepable(member, &under(place, name), seen, wrong);
            }
            None
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => None,
    };
    if let Some((code, detail)) = refused
        && seen.insert((place.to_owned(), code))
    {
        wrong.add(place, code, detail);
    }
}

/// What is told of a name that the client chose. One that could be no field's may be a value in the
/// wrong place, and values are never repeated.
fn told_name(name: &str) -> &str {
    let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_place_in_list = name.bytes().all(|byte| byte.is_ascii_digit()) && name.len() <= 4;
    if (is_word && name.len() <= LONGEST_NAME) || is_place_in_list {
        name
    } else {
        "(unnamed)"
    }
}

/// A JSON pointer as clients write paths: `/hours/0/opens` is `hours.0.opens`.
fn dotted(pointer: &str) -> String {
    pointer
        .trim_start_matches('/')
        .split('/')
        .map(told_name)
        .collect::<Vec<_>>()
        .join(".")
}

fn under(place: &str, name: &str) -> String {
    let name = told_name(name);
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}

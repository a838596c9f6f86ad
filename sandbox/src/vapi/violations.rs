//! Turns schema violations into the sentences that Vapi answers with.

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind as Kind};
use serde_json::Value;

/// Longer lists say nothing more.
const BOUND: usize = 20;

pub(crate) fn messages(validator: &Validator, body: &Value) -> Vec<String> {
    let mut messages = Vec::new();
    for error in validator.iter_errors(body).take(BOUND) {
        describe(&error, &mut messages);
    }
    messages
}

fn describe(error: &ValidationError<'_>, messages: &mut Vec<String>) {
    let path = dotted(error);
    let prefix = if path.is_empty() {
        String::new()
    } else {
        format!("{path}.")
    };
    match error.kind() {
        Kind::AnyOf { context } => {
            for inner in meant(context) {
                describe(inner, messages);
            }
        }
        Kind::AdditionalProperties { unexpected } => {
            let each = unexpected.iter();
            messages.extend(each.map(|name| format!("{prefix}property {name} should not exist")));
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            messages.push(format!("{prefix}{name} should not be empty"));
        }
        _ => {
            let subject = if path.is_empty() { "body" } else { &path };
            messages.push(format!("{subject} {}", complaint(error)));
        }
    }
}

/// What a single value does wrong.
fn complaint(error: &ValidationError<'_>) -> String {
    match error.kind() {
        Kind::Enum { options } => {
            format!("must be one of the following values: {}", listed(options))
        }
        Kind::MaxLength { limit } => format!("must be shorter than or equal to {limit} characters"),
        Kind::MinLength { limit } => format!("must be longer than or equal to {limit} characters"),
        Kind::Maximum { limit } => format!("must not be greater than {limit}"),
        Kind::Minimum { limit } => format!("must not be less than {limit}"),
        Kind::Pattern { pattern } => format!("must match /{pattern}/ regular expression"),
        Kind::Type { .. } => format!("must be {}", wanted_type(error)),
        _ => "is invalid".to_owned(),
    }
}

/// The branch of a union that the body was probably meant for: the one whose own
/// discriminator fits, and among those the one with the fewest complaints.
fn meant<'a>(branches: &'a [Vec<ValidationError<'static>>]) -> &'a [ValidationError<'static>] {
    let misfits = |branch: &[ValidationError<'_>]| {
        let discriminators = ["type", "provider", "role"];
        branch
            .iter()
            .filter(|error| {
                let path = dotted(error);
                let name = path.rsplit('.').next().unwrap_or_default();
                matches!(error.kind(), Kind::Enum { .. }) && discriminators.contains(&name)
            })
            .count()
    };
    let best = branches
        .iter()
        .min_by_key(|branch| (misfits(branch), branch.len()));
    best.map_or(&[], Vec::as_slice)
}

fn dotted(error: &ValidationError<'_>) -> String {
    error
        .instance_path()
        .as_str()
        .trim_start_matches('/')
        .replace('/', ".")
}

fn listed(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let names = options.iter().map(|option| {
        option
            .as_str()
            .map_or_else(|| option.to_string(), str::to_owned)
    });
    names.collect::<Vec<_>>().join(", ")
}

fn wanted_type(error: &ValidationError<'_>) -> &'static str {
    let text = error.to_string();
    let types = [
        ("\"string\"", "a string"),
        ("\"object\"", "an object"),
        ("\"array\"", "an array"),
        ("\"boolean\"", "a boolean value"),
        (
            "\"number\"",
            "a number conforming to the specified constraints",
        ),
        ("\"integer\"", "an integer number"),
    ];
    let found = types
        .iter()
        .find(|(name, _)| text.ends_with(&format!("of type {name}")));
    found.map_or("of another type", |(_, words)| words)
}

//! What every route of a kind has in common, written into the document once.

use axum::http::Method;
use utoipa::openapi::{
    ArrayBuilder, ContentBuilder, HttpMethod, ObjectBuilder, OpenApi, PathItem, Ref, RefOr,
    Required, Response, ResponseBuilder, Schema, Type,
    extensions::ExtensionsBuilder,
    path::{Operation, ParameterBuilder, ParameterIn},
    security::SecurityRequirement,
};

use voxanne_tenant::Role;

use super::ORG_PATH;
use crate::{
    fhir,
    permissions::{self, Needs},
    reply::PROBLEM_JSON,
};

const KEYED: [&str; 3] = ["/api/org/", "/api/booking/", "/api/founders/"];
/// Their bodies come in whatever form the provider gives them.
const PROVIDERS: [&str; 2] = ["/api/webhooks/", "/api/vapi/"];
/// Says of routes behind the tenant layer that they take a token.
pub(super) fn ask_for_token(behind: &mut OpenApi) {
    for item in behind.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            let bearer = SecurityRequirement::new("bearer", Vec::<String>::new());
            operation.security = Some(vec![bearer]);
            let codes =
                "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED, API_KEY_REVOKED";
            problem(operation, "401", codes);
        }
    }
}

pub(super) fn describe(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            describe_operation(path, &method, operation);
        }
    }
}

/// Adds what only some problems carry: it reaches the answer as a service wrote it, past our types.
pub(super) fn complete_problem(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let problem = components.schemas.get_mut("Problem");
    let Some(RefOr::T(Schema::Object(problem))) = problem else {
        return;
    };
    let mut slot = ObjectBuilder::new();
    for name in [
        "slotId",
        "startsAt",
        "endsAt",
        "providerId",
        "localTime",
        "timeZone",
    ] {
        let text = ObjectBuilder::new().schema_type(Type::String);
        slot = slot.property(name, text).required(name);
    }
    let alternatives = ArrayBuilder::new()
        .items(slot)
        .description(Some("With `SLOT_TAKEN`: the next free slots."))
        .build();
    let alternatives = RefOr::T(Schema::Array(alternatives));
    problem
        .properties
        .insert("alternatives".to_owned(), alternatives);
}

fn operations(item: &mut PathItem) -> Vec<(HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Delete, &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
    .collect()
}

fn describe_operation(path: &str, method: &HttpMethod, operation: &mut Operation) {
    operation.operation_id = Some(name_of(path, method));
    let changes = !matches!(method, HttpMethod::Get);
    show_permission(path, method, operation);
    if path.starts_with(ORG_PATH) {
        parameter(
            operation,
            ParameterIn::Path,
            "orgId",
            "The organisation, `org_…` or a UUID",
        );
        problem(
            operation,
            "403",
            "ORG_MISMATCH, ROLE_INSUFFICIENT, SCOPE_INSUFFICIENT",
        );
    }
    if changes && KEYED.iter().any(|start| path.starts_with(start)) {
        let meaning = "Repeats under the same key get the first answer";
        parameter(operation, ParameterIn::Header, "X-Idempotency-Key", meaning);
        problem(operation, "400", "IDEMPOTENCY_KEY_INVALID");
        problem(operation, "409", "IDEMPOTENCY_IN_PROGRESS");
        problem(operation, "422", "IDEMPOTENCY_KEY_REUSED");
    }
    let from_provider = PROVIDERS.iter().any(|start| path.starts_with(start));
    if operation.request_body.is_some() && !from_provider {
        problem(
            operation,
            "400",
            "INVALID with every bad field, MALFORMED_JSON",
        );
        problem(operation, "413", "BODY_TOO_LARGE");
        problem(operation, "415", "UNSUPPORTED_MEDIA_TYPE");
    } else if has_query(operation) {
        problem(operation, "400", "INVALID with every bad parameter");
    }
    if path.starts_with("/api/") {
        problem(operation, "500", "INTERNAL");
        problem(operation, "503", "UNAVAILABLE; see the header Retry-After");
        problem(operation, "504", "DEADLINE_EXCEEDED");
    }
    complete_problems(path, operation);
}

/// Writes what the tenant layer will ask for, from the table that it asks.
fn show_permission(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let method = match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Delete => Method::DELETE,
        _ => Method::POST,
    };
    let Some(Needs::Permission(permission)) = permissions::needed(&method, path) else {
        return;
    };
    let roles = Role::ALL.into_iter();
    let roles = roles.filter(|role| role.permissions().contains(permission));
    let roles: Vec<_> = roles.map(Role::as_str).collect();
    let sentence = format!(
        "Needs `{permission}`: {}, or an API key with it.",
        roles.join(", ")
    );
    let text = operation.description.take();
    operation.description = Some(match text {
        Some(text) => format!("{text}\n\n{sentence}"),
        None => sentence,
    });
    let extension = ExtensionsBuilder::new().add("x-permission", permission.as_str());
    operation
        .extensions
        .get_or_insert_default()
        .merge(extension.build());
}

/// A name that no other operation has, e.g. `postBookingsByIdConfirm`: clients are generated from
/// it.
fn name_of(path: &str, method: &HttpMethod) -> String {
    let mut name = match method {
        HttpMethod::Get => "get",
        HttpMethod::Post => "post",
        HttpMethod::Put => "put",
        HttpMethod::Patch => "patch",
        HttpMethod::Delete => "delete",
        _ => "other",
    }
    .to_owned();
    let path = path.strip_prefix(ORG_PATH).unwrap_or(path);
    let words = path.split(['/', '-', '.', '_', '$']);
    for word in words.filter(|word| !matches!(*word, "" | "api")) {
        let plain = word.trim_matches(['{', '}']);
        if plain.len() < word.len() {
            name.push_str("By");
        }
        let (first, rest) = plain.split_at(1);
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
    }
    name
}

fn has_query(operation: &Operation) -> bool {
    operation.parameters.iter().flatten().any(|parameter| {
        matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query)
    })
}

fn parameter(operation: &mut Operation, place: ParameterIn, name: &str, meaning: &str) {
    let required = match place {
        ParameterIn::Path => Required::True,
        _ => Required::False,
    };
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(Some(meaning))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build();
    operation
        .parameters
        .get_or_insert_default()
        .insert(0, RefOr::T(parameter));
}

/// Adds codes to the answer of one status; a route's own codes stand first.
fn problem(operation: &mut Operation, status: &str, codes: &str) {
    let response = operation
        .responses
        .responses
        .entry(status.to_owned())
        .or_insert_with(|| RefOr::T(ResponseBuilder::new().build()));
    let RefOr::T(response) = response else { return };
    if response.description.is_empty() {
        codes.clone_into(&mut response.description);
    } else {
        response.description = format!("{}, {codes}", response.description);
    }
}

/// Every error answer that names no other content is a problem, or what FHIR has for one.
fn complete_problems(path: &str, operation: &mut Operation) {
    let below = path.strip_prefix(ORG_PATH).unwrap_or_default();
    let is_fhir = below.strip_prefix(fhir::BELOW);
    let (kind, schema) = match is_fhir.is_some_and(|rest| rest.starts_with('/')) {
        true => (fhir::FHIR_JSON, "FhirOperationOutcome"),
        false => (PROBLEM_JSON, "Problem"),
    };
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        if status.as_str() >= "400" && response.content.is_empty() {
            add_problem(response, kind, schema);
        }
    }
}

fn add_problem(response: &mut Response, kind: &str, schema: &str) {
    let schema = Ref::from_schema_name(schema);
    let content = ContentBuilder::new().schema(Some(schema)).build();
    response.content.insert(kind.to_owned(), RefOr::T(content));
}

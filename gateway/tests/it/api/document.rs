//! The document says what the routes do, and every route does what the document says.

use std::collections::HashSet;

use axum::http::Method;
use serde_json::{Value, json};
use voxanne_gateway::permissions::Needs;

use super::fixture::{Behind, Person, reply};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn document() -> Value {
    serde_json::from_str(&voxanne_gateway::openapi::text()).expect("JSON")
}

/// Method, path and description of every operation.
fn operations(document: &Value) -> Vec<(Method, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for name in METHODS {
            if let Some(operation) = item.get(name) {
                let method = name.to_uppercase().parse().expect("a method");
                found.push((method, path.clone(), operation.clone()));
            }
        }
    }
    found
}

#[test]
fn the_checked_in_document_is_the_current_one() {
    let checked_in: Value =
        serde_json::from_str(include_str!("../../../openapi.json")).expect("JSON");
    assert_eq!(
        checked_in,
        document(),
        "write it anew: cargo run -p voxanne-gateway -- openapi > gateway/openapi.json"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own_and_a_summary() {
    let mut names = HashSet::new();
    for (method, path, operation) in operations(&document()) {
        let name = operation["operationId"]
            .as_str()
            .expect("a name")
            .to_owned();
        assert!(names.insert(name), "{method} {path}");
        assert!(operation["summary"].is_string(), "{method} {path}");
        assert!(operation["tags"].is_array(), "{method} {path}");
    }
}

#[test]
fn every_route_behind_a_token_says_what_it_needs() {
    for (method, path, operation) in operations(&document()) {
        let signed_in = operation["security"][0].get("bearer").is_some();
        let needs = voxanne_gateway::permissions::needed(&method, &path);
        if signed_in {
            assert!(needs.is_some(), "{method} {path} lets nobody in");
        }
        let permission = operation["x-permission"].as_str();
        match needs {
            Some(Needs::Permission(needed)) => assert_eq!(permission, Some(needed.as_str())),
            Some(Needs::Session) | None => assert_eq!(permission, None, "{method} {path}"),
        }
    }
}

#[tokio::test]
async fn every_route_of_an_organisation_keeps_others_out() {
    let api = Behind::default().start().await;
    let (acme, globex) = (Person::new("owner"), Person::new("owner"));
    let mut tried = 0;
    for (method, path, _) in operations(&document()) {
        let Some(rest) = path.strip_prefix("/api/org/{orgId}") else {
            continue;
        };
        // A calendar program has no token; the feed's own key opens it.
        if rest == "/calendar.ics" {
            continue;
        }
        let path = acme.path(&rest.replace("{id}", "nonsense"));
        let got = reply(api.call(&globex, method.clone(), &path)).await;
        assert_eq!(
            got.problem(),
            (403, "ORG_MISMATCH".to_owned()),
            "{method} {path}"
        );
        let got = reply(api.request(method.clone(), &path)).await;
        assert_eq!(
            got.problem(),
            (401, "TOKEN_MISSING".to_owned()),
            "{method} {path}"
        );
        tried += 1;
    }
    assert!(tried > 30, "{tried} routes");
}

#[tokio::test]
async fn every_route_without_an_organisation_in_its_path_needs_a_token() {
    let api = Behind::default().start().await;
    for (method, path, operation) in operations(&document()) {
        let bearer = operation["security"][0].get("bearer").is_some();
        if !bearer || path.contains("{orgId}") {
            continue;
        }
        let got = reply(api.request(method.clone(), &path)).await;
        assert_eq!(
            got.problem(),
            (401, "TOKEN_MISSING".to_owned()),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn every_form_is_checked_against_its_schema() {
    let api = Behind::default().start().await;
    let person = Person::new("owner");
    for (method, path, operation) in operations(&document()) {
        let content = &operation["requestBody"]["content"];
        // What speaks FHIR names its parameters in a resource; its own tests check them.
        if content.get("application/json").is_none() || operation["tags"][0] == "webhooks" {
            continue;
        }
        let path = path
            .replace("{orgId}", &person.org.to_string())
            .replace("{id}", "nonsense");
        let request = api.call(&person, method.clone(), &path);
        let got = reply(request.json(&json!({ "nonsense": 1 }))).await;
        assert_eq!(
            got.problem(),
            (400, "INVALID".to_owned()),
            "{method} {path}"
        );
        let unknown = ("nonsense".to_owned(), "UNKNOWN_FIELD".to_owned());
        assert!(
            got.errors().contains(&unknown),
            "{method} {path}: {}",
            got.text
        );
    }
}

#[tokio::test]
async fn the_reference_page_needs_no_other_host() {
    let api = Behind::default().start().await;
    let got = reply(api.request(Method::GET, "/docs/")).await;
    assert_eq!(got.status, 200, "{got:?}");
    assert!(got.text.contains("swagger-ui"), "{}", got.text);
    for place in ["/docs/", "/docs/swagger-initializer.js", "/docs/index.css"] {
        let got = reply(api.request(Method::GET, place)).await;
        assert!(!got.text.contains("https://"), "{place}");
    }
    let got = reply(api.request(Method::GET, "/openapi.json")).await;
    assert_eq!(got.json(), document());
}

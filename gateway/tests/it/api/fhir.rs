//! FHIR over the stand-in of a booking service.

mod appointments;
mod book;
mod desk;
mod refusals;
mod slots;

use axum::http::Method;
use serde_json::Value;

use self::desk::Desk;
use super::fixture::{Api, Person, Reply, reply};

/// What `person` gets at `path` below the base, once it is FHIR.
async fn get(api: &Api, person: &Person, path: &str) -> Value {
    let path = person.path(&format!("/fhir/{path}"));
    let got = reply(api.call(person, Method::GET, &path)).await;
    assert_eq!(got.status, 200, "{path}: {}", got.text);
    checked(&got)
}

async fn post(api: &Api, person: &Person, operation: &str, parameters: &Value) -> Reply {
    let path = person.path(&format!("/fhir/Appointment/{operation}"));
    let request = api.call(person, Method::POST, &path).json(parameters);
    reply(request.header("content-type", "application/fhir+json")).await
}

/// The resource, whose ids and references are FHIR's and in which nothing is empty.
fn checked(got: &Reply) -> Value {
    assert_eq!(got.header("content-type"), "application/fhir+json");
    let resource = got.json();
    assert!(resource["resourceType"].is_string(), "{resource}");
    check(&resource);
    resource
}

fn check(value: &Value) {
    match value {
        Value::Array(items) => {
            assert!(!items.is_empty(), "an empty list is no JSON of FHIR");
            items.iter().for_each(check);
        }
        Value::Object(members) => {
            assert!(!members.is_empty(), "nor is an empty object");
            for (name, member) in members {
                if let (Some(text), "id") = (member.as_str(), name.as_str()) {
                    let plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
                    let fits = (1..=64).contains(&text.len()) && text.chars().all(plain);
                    assert!(fits, "{text}");
                }
                if let (Some(text), "reference") = (member.as_str(), name.as_str()) {
                    assert!(!text.contains('_'), "{text}");
                }
                check(member);
            }
        }
        Value::Null => panic!("no element of FHIR is null"),
        Value::String(text) => assert!(!text.is_empty(), "nor is one empty"),
        Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The resources of a bundle.
fn entries(bundle: &Value) -> Vec<&Value> {
    assert_eq!(bundle["resourceType"], "Bundle", "{bundle}");
    assert_eq!(bundle["type"], "searchset", "{bundle}");
    let entries = bundle["entry"].as_array().into_iter().flatten();
    entries.map(|entry| &entry["resource"]).collect()
}

/// Where a link of a bundle leads, below the base.
fn link(bundle: &Value, relation: &str, person: &Person) -> Option<String> {
    let links = bundle["link"].as_array().expect("links");
    let link = links.iter().find(|link| link["relation"] == relation)?;
    let url = link["url"].as_str().expect("an address");
    let base = format!("http://clinic.test{}/", person.path("/fhir"));
    let below = url.strip_prefix(&base);
    Some(below.unwrap_or_else(|| panic!("{url}")).to_owned())
}

#[tokio::test]
async fn the_statement_says_what_there_is() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("auditor"));
    let statement = get(&api, &person, "metadata").await;
    assert_eq!(statement["resourceType"], "CapabilityStatement");
    assert_eq!(statement["fhirVersion"], "4.0.1");
    let resources = statement["rest"][0]["resource"].as_array().expect("a list");
    for resource in resources {
        let kind = resource["type"].as_str().expect("a type");
        for interaction in resource["interaction"].as_array().expect("a list") {
            let path = match (interaction["code"].as_str(), kind) {
                (Some("search-type"), _) => kind.to_owned(),
                (_, "Appointment") => format!("{kind}/{}", desk.booking),
                (_, "Schedule" | "Practitioner") => format!("{kind}/{}", desk.provider),
                (_, "HealthcareService") => format!("{kind}/{}", desk.service),
                (_, "Location") => format!("{kind}/{}", desk.location),
                (_, "Patient") => format!("{kind}/{}", desk.patient),
                other => panic!("what is {other:?}?"),
            };
            let found = get(&api, &person, &path).await;
            let expected = if path == kind { "Bundle" } else { kind };
            assert_eq!(found["resourceType"], expected, "{path}");
        }
    }
}

#[tokio::test]
async fn references_resolve() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    let schedules = get(&api, &person, "Schedule?_count=1").await;
    let schedule = entries(&schedules)[0];
    let mut seen = Vec::new();
    for actor in schedule["actor"].as_array().expect("actors") {
        let path = actor["reference"].as_str().expect("a reference");
        seen.push(get(&api, &person, path).await);
    }
    assert_eq!(seen[0]["name"][0]["text"], "Dr. Ada Lee");
    assert_eq!(seen[1]["extension"][0]["valueCode"], "America/New_York");
    let id = desk.booking.to_string().replace('_', "-");
    let visit = get(&api, &person, &format!("Appointment/{id}")).await;
    let actor = visit["participant"][0]["actor"]["reference"].as_str();
    let patient = get(&api, &person, actor.expect("a reference")).await;
    assert_eq!(patient["name"][0]["text"], "Zebediah Quillfeather");
    assert_eq!(patient["telecom"][0]["value"], "+12125550142");
}

#[tokio::test]
async fn a_list_goes_on_where_its_link_says() {
    let (api, person) = (Desk::default().start().await, Person::new("staff"));
    let first = get(&api, &person, "Schedule?_count=1&_format=json").await;
    assert!(first["total"].is_null(), "nobody counted them");
    let own = link(&first, "self", &person).expect("a link");
    assert_eq!(own, "Schedule?_count=1&_format=json");
    let next = link(&first, "next", &person).expect("a link");
    assert_eq!(next, "Schedule?_count=1&_format=json&_cursor=bmV4dA");
    let last = get(&api, &person, &next).await;
    assert_eq!(link(&last, "next", &person), None);
    let whole = get(&api, &person, "HealthcareService").await;
    assert_eq!(whole["total"], 1);
}

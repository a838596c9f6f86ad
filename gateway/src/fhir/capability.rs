//! `metadata`: what is there.

use axum::extract::State;
use serde_json::{Value, json};

use super::{Fhir, base::Base};
use crate::{App, auth::Member, reply::Refusal};

/// When this statement was last changed.
const DATE: &str = "2026-11-22";
/// Where IHE defines the operations.
const OPERATIONS: &str = "https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/appointment-";

/// Says which resources, searches and operations there are.
#[utoipa::path(get, path = "/fhir/metadata", tag = "fhir",
    responses((status = 200, description = "A CapabilityStatement", body = Value,
        content_type = "application/fhir+json")))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Fhir<Value>, Refusal> {
    Ok(Fhir(statement(&Base::of(&app, &tenant))))
}

fn statement(base: &Base) -> Value {
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATE,
        "kind": "instance",
        "software": { "name": "Voxanne", "version": env!("CARGO_PKG_VERSION") },
        "implementation": {
            "description": "Scheduling of one clinic",
            "url": base.as_str(),
        },
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{
            "mode": "server",
            "security": {
                "description": "A bearer token or an API key of the clinic",
            },
            "resource": [
                resource("Schedule", true, &[]),
                searched("Slot", &[
                    ("schedule", "reference"),
                    ("start", "date"),
                    ("status", "token"),
                    ("service-type", "token"),
                ]),
                appointment(),
                resource("HealthcareService", true, &[]),
                resource("Practitioner", false, &[]),
                resource("Location", false, &[]),
                resource("Patient", false, &[]),
            ],
        }],
    })
}

/// Slots can be searched for and not read: each is worked out when it is asked for.
fn searched(kind: &str, parameters: &[(&str, &str)]) -> Value {
    let mut resource = resource(kind, true, parameters);
    resource["interaction"] = json!([{ "code": "search-type" }]);
    resource
}

fn appointment() -> Value {
    let parameters = [
        ("date", "date"),
        ("status", "token"),
        ("actor", "reference"),
        ("practitioner", "reference"),
        ("patient", "reference"),
    ];
    let mut resource = resource("Appointment", true, &parameters);
    let operations = ["find", "hold", "book"]
        .map(|name| json!({ "name": name, "definition": format!("{OPERATIONS}{name}") }));
    resource["operation"] = json!(operations);
    resource
}

fn resource(kind: &str, is_listed: bool, parameters: &[(&str, &str)]) -> Value {
    let mut interactions = vec![json!({ "code": "read" })];
    if is_listed {
        interactions.push(json!({ "code": "search-type" }));
    }
    let mut resource = json!({ "type": kind, "interaction": interactions });
    // An empty list is no JSON of FHIR.
    if !parameters.is_empty() {
        let listed = parameters.iter();
        let listed: Vec<_> = listed
            .map(|(name, kind)| json!({ "name": name, "type": kind }))
            .collect();
        resource["searchParam"] = json!(listed);
    }
    resource
}

//! A NUL is a character of JSON and of forms, and none that Postgres keeps.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet, VAPI_SECRET};

use crate::{isolation_routes::route, twilio};

const NUL: &str = "a\0b";

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_in_any_field_of_any_route_is_refused_by_its_name() {
    let fleet = Fleet::start().await;
    let clinic = Clinic::sign_up(&fleet, "acme").await;
    let (_, document) = fleet
        .call(Method::GET, "/openapi.json", "", Value::Null)
        .await;
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for route in route::all(&document) {
        let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
        let url = route.url(&clinic.org, |_| {
            "00000000000000000000000000000000".to_owned()
        });
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let mut asked: Vec<_> = texts(&document, schema)
            .into_iter()
            .map(|place| (place.clone(), url.clone(), body(&place)))
            .collect();
        for name in &route.query {
            let url = format!("{url}?{name}=a%00b");
            asked.push((name.clone(), url, Value::Null));
        }
        // Webhooks are signed, and are below; a consent that nobody asked for here is refused for
        // that, whatever comes with it.
        if route.path.starts_with("/api/webhooks/") || route.path == "/api/google/oauth/callback" {
            continue;
        }
        for (place, url, body) in asked {
            tried += 1;
            let name = format!("{} {place}", route.name());
            let (status, answer) = fleet
                .call(route.method.clone(), &url, &clinic.token, body)
                .await;
            if status != StatusCode::BAD_REQUEST || !names(&answer, &place) {
                wrong.push(format!("{name}: {status} {answer}"));
            }
        }
    }
    assert!(tried > 80, "{tried} fields");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a problem, or an `OperationOutcome` of FHIR, says that this field is wrong.
fn names(answer: &Value, field: &str) -> bool {
    let of = |list: &str| answer[list].as_array().into_iter().flatten();
    of("errors").any(|error| error["field"] == field)
        || of("issue").any(|issue| issue["expression"][0] == field)
}

/// The places of texts in what a schema describes, as `patient.name` and `hours.0.opens`.
fn texts(document: &Value, schema: &Value) -> Vec<String> {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|name| name.rsplit('/').next())
    {
        return texts(document, &document["components"]["schemas"][name]);
    }
    let kind = &schema["type"];
    if kind == "string" || kind[0] == "string" {
        return vec![String::new()];
    }
    let mut found = Vec::new();
    for one in schema["oneOf"].as_array().into_iter().flatten() {
        found.extend(texts(document, one));
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        found.extend(
            texts(document, member)
                .iter()
                .map(|inner| joined(name, inner)),
        );
    }
    if kind == "array" {
        found.extend(
            texts(document, &schema["items"])
                .iter()
                .map(|inner| joined("0", inner)),
        );
    }
    found
}

fn joined(outer: &str, inner: &str) -> String {
    if inner.is_empty() {
        outer.to_owned()
    } else {
        format!("{outer}.{inner}")
    }
}

/// A body with nothing but a NUL at this place.
fn body(place: &str) -> Value {
    place
        .rsplit('.')
        .fold(json!(NUL), |inner, name| match name {
            "0" => json!([inner]),
            name => json!({ name: inner }),
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_in_a_webhook_breaks_nothing() {
    let fleet = Fleet::start().await;
    let clinic = Clinic::open(&fleet, "acme").await;
    for id in ["call-1", NUL] {
        for message in messages() {
            let mut message = message;
            message["call"] = json!({ "id": id, "assistantId": clinic.assistant,
                "customer": { "number": NUL, "name": NUL } });
            let (status, answer) = tell(&fleet, &message).await;
            let what = format!("{} of {id:?}: {answer}", message["type"]);
            assert!(!status.is_server_error(), "{what}");
            if message["type"] == "tool-calls" {
                let results = answer["results"].as_array().map(Vec::len);
                assert_eq!((status, results), (StatusCode::OK, Some(4)), "{what}");
            }
        }
    }
    let (status, calls) = clinic
        .call(&fleet, Method::GET, "/calls", Value::Null)
        .await;
    assert_eq!(status, StatusCode::OK, "{calls}");
    let unknown = "sms-status?mid=msg_00000000000000000000000000000000";
    for (path, field) in [
        (unknown, "MessageSid"),
        (unknown, "MessageStatus"),
        ("sms-status?mid=%00", "ErrorCode"),
        ("sms-inbound", "Body"),
        ("sms-inbound", "From"),
    ] {
        let status = signed(&fleet, &clinic, path, field).await;
        let is_signed = status != StatusCode::FORBIDDEN;
        assert!(
            is_signed && !status.is_server_error(),
            "{path} {field}: {status}"
        );
    }
}

/// What Vapi could say, with a NUL wherever there is room.
fn messages() -> [Value; 5] {
    let booking = json!({ "slotId": NUL, "patientName": NUL, "reason": NUL });
    let said = json!([{ "role": "user", "message": NUL }]);
    [
        json!({ "type": "tool-calls", "toolCallList": [
            tool("bookClinicAppointment", booking),
            tool("getCalendarSlots", json!({ "serviceName": NUL, "date": NUL })),
            tool(NUL, json!({})),
            tool("takeMessage", json!(NUL)),
        ] }),
        json!({ "type": "status-update", "status": NUL, "endedReason": NUL }),
        json!({ "type": "status-update", "status": "in-progress" }),
        json!({ "type": "end-of-call-report", "endedReason": NUL, "summary": NUL,
            "artifact": { "transcript": NUL, "messages": said } }),
        json!({ "type": NUL }),
    ]
}

async fn tell(fleet: &Fleet, message: &Value) -> (StatusCode, Value) {
    let url = format!("http://{}/api/webhooks/vapi", fleet.gateway);
    let request = fleet.http.post(url).header("X-Vapi-Secret", VAPI_SECRET);
    let answer = request.json(&json!({ "message": message })).send().await;
    let answer = answer.expect("the gateway answers");
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or_default())
}

fn tool(name: &str, arguments: Value) -> Value {
    json!({ "id": format!("call of {name}"), "type": "function", "function": { "name": name, "arguments": arguments } })
}

/// Sends what Twilio would, with a NUL in one field.
async fn signed(fleet: &Fleet, clinic: &Clinic, path: &str, field: &str) -> StatusCode {
    let mut form = BTreeMap::from([
        ("AccountSid", &*clinic.account_sid),
        ("MessageSid", "SMcccccccccccccccccccccccccccccccc"),
        ("MessageStatus", "delivered"),
    ]);
    form.insert(field, NUL);
    twilio::post(fleet, path, &form, &clinic.auth_token)
        .await
        .status()
}

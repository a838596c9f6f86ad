//! Canaries wherever a request has room for them, and what is answered.

use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet};

use super::flows::{BAD_PHONE, NAME, NOTES, PHONE};

/// Sends nonsense full of canaries to every operation of the document; gives every refusal's body.
pub(super) async fn provoke(fleet: &Fleet, clinic: &Clinic) -> String {
    let (_, document) = fleet
        .call(Method::GET, "/openapi.json", "", Value::Null)
        .await;
    let mut told = String::new();
    let mut refused = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            let method: Method = method.to_uppercase().parse().expect("a method");
            if method == Method::DELETE || path.ends_with("/logout") {
                continue;
            }
            for request in nonsense(fleet, clinic, &method, path) {
                let answer = request.send().await.expect("the gateway answers");
                let status = answer.status();
                assert!(
                    !status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE,
                    "{method} {path}: {status}"
                );
                if status.is_client_error() {
                    refused += 1;
                    let headers = format!("{:?}", answer.headers());
                    let body = answer.text().await.expect("a body");
                    told += &format!("{method} {path}: {headers} {body}\n");
                }
            }
        }
    }
    assert!(refused > 100, "most of it is refused: {refused}");
    told
}

fn nonsense(fleet: &Fleet, clinic: &Clinic, method: &Method, path: &str) -> Vec<RequestBuilder> {
    let mut url = path.replace("{orgId}", &clinic.org);
    while let (Some(start), Some(end)) = (url.find('{'), url.find('}')) {
        url.replace_range(start..=end, &NAME.replace(' ', "%20"));
    }
    let request = |query: &[(&str, &str)]| {
        fleet
            .http
            .request(method.clone(), format!("http://{}{url}", fleet.gateway))
            .query(query)
            .bearer_auth(&clinic.token)
            .header(header::USER_AGENT, NAME)
            .header(
                header::REFERER,
                format!("https://clinic.example/?phone={PHONE}"),
            )
    };
    if method == Method::GET {
        return vec![
            request(&[]),
            request(&[(NAME, PHONE), ("from", NOTES), ("limit", NAME)]),
        ];
    }
    let bodies = [
        json!({ NOTES: PHONE, "name": { NAME: PHONE }, "patient": NAME, "body": [NOTES] }),
        json!({ "name": NAME, "phone": BAD_PHONE, "email": NAME, "to": BAD_PHONE, "body": NOTES,
            "reason": [NOTES], "notes": 1, "email\u{0}": NAME, "password": 5, "bookingId": NAME }),
        json!([NAME, PHONE]),
        json!(NOTES),
    ];
    let mut requests: Vec<_> = bodies.iter().map(|body| request(&[]).json(body)).collect();
    let broken = format!("{{\"name\": \"{NAME}\", \"phone\": {PHONE}");
    let json = "application/json";
    requests.push(
        request(&[])
            .header(header::CONTENT_TYPE, json)
            .body(broken.clone()),
    );
    requests.push(
        request(&[(NAME, PHONE)])
            .header(header::CONTENT_TYPE, NAME)
            .body(broken),
    );
    requests
}

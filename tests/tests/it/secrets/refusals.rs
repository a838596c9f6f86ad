//! Canaries wherever a request has room for them, and what is answered.

use std::fmt::Display;

use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet};

use super::flows::{BAD_PHONE, BIRTHDAY, EMAIL, NAME, NOTES, PHONE};

/// What was answered to requests that were refused, headers and all.
#[derive(Default)]
pub(super) struct Refusals {
    pub(super) told: String,
    count: usize,
}

impl Refusals {
    /// Keeps an answer if it refuses something; gives its status.
    pub(super) async fn take(&mut self, what: &str, answer: Response) -> StatusCode {
        let status = answer.status();
        let headers = format!("{:?}", answer.headers());
        let body = answer.text().await.expect("a body");
        self.note(what, (status, format!("{headers} {body}")));
        status
    }

    /// The same for an answer that was read.
    pub(super) fn note(&mut self, what: &str, (status, answer): (StatusCode, impl Display)) {
        if !status.is_success() {
            self.count += 1;
            self.told += &format!("{what}: {status} {answer}\n");
        }
    }
}

/// Sends nonsense full of canaries to every operation of the document.
pub(super) async fn provoke(fleet: &Fleet, clinic: &Clinic, refusals: &mut Refusals) {
    let (_, document) = fleet
        .call(Method::GET, "/openapi.json", "", Value::Null)
        .await;
    let before = refusals.count;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            let method: Method = method.to_uppercase().parse().expect("a method");
            if method == Method::DELETE || path.ends_with("/logout") {
                continue;
            }
            for request in nonsense(fleet, clinic, &method, path) {
                let answer = request.send().await.expect("the gateway answers");
                let status = refusals.take(&format!("{method} {path}"), answer).await;
                assert!(
                    !status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE,
                    "{method} {path}: {status}"
                );
            }
        }
    }
    let refused = refusals.count - before;
    assert!(refused > 100, "most of it is refused: {refused}");
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
        json!([NAME, PHONE, EMAIL, BIRTHDAY]),
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

//! Whatever goes wrong, the answer is a problem that says what to do.

use axum::http::Method;
use serde_json::json;
use voxanne_ids::ServiceId;

use super::fixture::{Behind, Person, reply};

#[tokio::test]
async fn an_unknown_address_is_told_as_a_problem() {
    let api = Behind::default().start().await;
    for path in ["/nothing", "/api/nothing", "/api/org", "/frontend"] {
        let got = reply(api.request(Method::GET, path)).await;
        assert_eq!(got.problem(), (404, "NOT_FOUND".to_owned()), "{path}");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_which_ones_are_right() {
    let api = Behind::default().start().await;
    let got = reply(api.request(Method::DELETE, "/api/auth/login")).await;
    assert_eq!(got.problem(), (405, "METHOD_NOT_ALLOWED".to_owned()));
    assert_eq!(got.header("allow"), "POST");
    let person = Person::new("owner");
    let got = reply(api.call(&person, Method::PATCH, &person.path("/bookings"))).await;
    assert_eq!(got.problem(), (405, "METHOD_NOT_ALLOWED".to_owned()));
    assert!(got.header("allow").contains("POST"), "{got:?}");
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let api = Behind::default().start().await;
    let login = || api.request(Method::POST, "/api/auth/login");
    let json = || login().header("content-type", "application/json");
    for (request, status, code) in [
        (json().body("{"), 400, "MALFORMED_JSON"),
        (json().body(""), 400, "MALFORMED_JSON"),
        (json().body("[".repeat(1000)), 400, "MALFORMED_JSON"),
        (login().body("{}"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            login().header("content-type", "text/plain").body("{}"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (json().body("x".repeat(300_000)), 413, "BODY_TOO_LARGE"),
    ] {
        assert_eq!(reply(request).await.problem(), (status, code.to_owned()));
    }
}

#[tokio::test]
async fn a_body_without_a_length_has_the_same_limit() {
    let api = Behind::default().start().await;
    let person = Person::new("owner");
    let chunks = || {
        let chunk = || Ok::<_, std::io::Error>("x".repeat(100_000));
        reqwest::Body::wrap_stream(futures_util::stream::iter((0..4).map(move |_| chunk())))
    };
    let login = api
        .request(Method::POST, "/api/auth/login")
        .header("content-type", "application/json")
        .body(chunks());
    assert_eq!(
        reply(login).await.problem(),
        (413, "BODY_TOO_LARGE".to_owned())
    );
    let keyed = api
        .call(&person, Method::POST, &person.path("/bookings"))
        .header("content-type", "application/json")
        .header("x-idempotency-key", "k")
        .body(chunks());
    assert_eq!(
        reply(keyed).await.problem(),
        (413, "BODY_TOO_LARGE".to_owned())
    );
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let api = Behind::default().start().await;
    let person = Person::new("staff");
    let body = json!({
        "serviceId": "nonsense",
        "startsAt": "tomorrow",
        "patient": { "name": "", "email": "not an address", "age": 7 },
        "notes": 5,
        "hurry": true,
    });
    let request = api.call(&person, Method::POST, &person.path("/bookings"));
    let got = reply(request.json(&body)).await;
    assert_eq!(got.problem(), (400, "INVALID".to_owned()));
    let errors = got.errors();
    let errors: Vec<_> = errors
        .iter()
        .map(|(f, c)| (f.as_str(), c.as_str()))
        .collect();
    assert_eq!(
        errors,
        [
            ("hurry", "UNKNOWN_FIELD"),
            ("notes", "TYPE"),
            ("patient.age", "UNKNOWN_FIELD"),
            ("patient.email", "FORMAT"),
            ("patient.name", "RANGE"),
            ("patient.phone", "REQUIRED"),
            ("serviceId", "FORMAT"),
            ("startsAt", "FORMAT"),
        ]
    );
    assert!(
        !got.text.contains("not an address"),
        "values are not repeated"
    );
}

#[tokio::test]
async fn what_a_schema_cannot_say_is_checked_too() {
    let api = Behind::default().start().await;
    let person = Person::new("owner");
    let put = |path: &str, body: serde_json::Value| {
        let request = api.call(&person, Method::PUT, &person.path(path));
        async move { reply(request.json(&body)).await.errors() }
    };
    let post = |path: &str, body: serde_json::Value| {
        let request = api.call(&person, Method::POST, &person.path(path));
        async move { reply(request.json(&body)).await.errors() }
    };
    let one = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];
    let at = "2026-12-01T09:00:00Z";
    let service = ServiceId::new();
    let booking = json!({ "serviceId": service, "startsAt": at });
    assert_eq!(post("/bookings", booking).await, one("patient", "REQUIRED"));
    let sid = format!("AC{}", "0".repeat(32));
    let twilio = json!({ "accountSid": sid, "authToken": "secret-token" });
    assert_eq!(
        put("/credentials/twilio", twilio).await,
        one("from", "REQUIRED")
    );
    let half = json!({
        "accountSid": sid, "authToken": "secret-token", "from": "+15551234567",
        "apiKeySid": format!("SK{}", "0".repeat(32)),
    });
    assert_eq!(
        put("/credentials/twilio", half).await,
        one("apiKeySecret", "REQUIRED")
    );
    let float = json!({ "name": "Visit", "durationMinutes": 30.0 });
    assert_eq!(
        post("/services", float).await,
        one("durationMinutes", "TYPE")
    );
    let nul = json!({ "name": "a\u{0}b", "timeZone": "Europe/Berlin" });
    assert_eq!(post("/locations", nul).await, one("name", "FORMAT"));
    let hours = json!({ "hours": [{ "weekday": 8, "opens": "9:00", "closes": "24:00" }] });
    assert_eq!(
        put("/schedules", hours).await,
        [
            ("hours.0.opens".to_owned(), "FORMAT".to_owned()),
            ("hours.0.weekday".to_owned(), "RANGE".to_owned()),
        ]
    );
}

#[tokio::test]
async fn every_bad_parameter_is_named_at_once() {
    let api = Behind::default().start().await;
    let person = Person::new("auditor");
    let query = "?from=yesterday&status=lost&limit=0&providerId=7&page=2&cursor=a&cursor=b";
    let got = reply(api.call(
        &person,
        Method::GET,
        &person.path(&format!("/bookings{query}")),
    ))
    .await;
    assert_eq!(got.problem(), (400, "INVALID".to_owned()));
    let errors = got.errors();
    let errors: Vec<_> = errors
        .iter()
        .map(|(f, c)| (f.as_str(), c.as_str()))
        .collect();
    assert_eq!(
        errors,
        [
            ("cursor", "REPEATED"),
            ("from", "FORMAT"),
            ("limit", "RANGE"),
            ("page", "UNKNOWN_FIELD"),
            ("providerId", "FORMAT"),
            ("status", "ONE_OF"),
        ]
    );
}

#[tokio::test]
async fn a_service_that_is_away_is_told_with_when_to_come_again() {
    let api = Behind::default().start().await;
    let person = Person::new("staff");
    let got = reply(api.call(&person, Method::GET, &person.path("/bookings"))).await;
    assert_eq!(got.problem(), (503, "UNAVAILABLE".to_owned()));
    assert_eq!(got.header("retry-after"), "1");
    assert_eq!(got.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_request_keeps_the_name_its_client_gave_it() {
    let api = Behind::default().start().await;
    let get = |id: &str| {
        api.request(Method::GET, "/nothing")
            .header("x-request-id", id)
    };
    let got = reply(get("web-17")).await;
    assert_eq!(got.header("x-request-id"), "web-17");
    assert_eq!(got.json()["requestId"], "web-17");
    let got = reply(get(&"x".repeat(129))).await;
    assert!(got.header("x-request-id").starts_with("req_"), "{got:?}");
    assert_eq!(got.json()["requestId"], got.header("x-request-id"));
}

#[tokio::test]
async fn only_pages_of_known_origins_may_call() {
    let api = Behind::default().start().await;
    let preflight = |origin: &str| {
        api.request(Method::OPTIONS, "/api/auth/login")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
    };
    let got = reply(preflight("http://clinic.test")).await;
    assert_eq!(
        got.header("access-control-allow-origin"),
        "http://clinic.test"
    );
    assert_eq!(got.header("access-control-allow-credentials"), "true");
    let got = reply(preflight("http://evil.test")).await;
    assert_eq!(got.header("access-control-allow-origin"), "");
}

//! What answers tell browsers, and which pages browsers may call for.

use axum::http::Method;
use serde_json::json;
use voxanne_proto::booking::v1::{ListPatientsRequest, ListPatientsResponse, Patient};

use super::fixture::{Behind, Person, Reply, reply};
use crate::fake::Rpcs;

#[tokio::test]
async fn every_answer_keeps_browsers_careful() {
    for (public_url, hsts) in [
        ("http://clinic.test", ""),
        ("https://clinic.test", "max-age=31536000; includeSubDomains"),
    ] {
        let api = Behind {
            public_url,
            ..Behind::default()
        }
        .start()
        .await;
        let person = Person::new("owner");
        for request in [
            api.request(Method::GET, "/healthz"),
            api.request(Method::GET, "/nothing"),
            api.request(Method::GET, "/openapi.json"),
            api.request(Method::POST, "/api/auth/login")
                .json(&json!({})),
            api.request(Method::POST, "/api/webhooks/vapi"),
            api.call(&person, Method::GET, &person.path("/bookings")),
            api.request(Method::GET, "/docs/"),
            api.request(Method::GET, &format!("/{}", "x".repeat(9000))),
        ] {
            let got = reply(request).await;
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                ("strict-transport-security", hsts),
                ("server", ""),
                ("x-powered-by", ""),
            ] {
                assert_eq!(got.header(name), value, "{name}: {got:?}");
            }
            let csp = got.header("content-security-policy");
            assert!(csp.contains("frame-ancestors 'none'"), "{got:?}");
            assert!(
                !csp.contains("script-src") && !csp.contains("unsafe-eval"),
                "{csp}"
            );
        }
    }
}

#[tokio::test]
async fn nobody_on_the_way_keeps_what_an_answer_tells() {
    let booking = Rpcs::default().unary(
        "/voxanne.booking.v1.ClinicService/ListPatients",
        |_: tonic::Request<ListPatientsRequest>| async {
            let patient = Patient {
                name: "Ada Lovelace".to_owned(),
                ..Default::default()
            };
            Ok(ListPatientsResponse {
                patients: vec![patient],
                next_cursor: String::new(),
            })
        },
    );
    let api = Behind::booking(booking).start().await;
    let person = Person::new("staff");
    let got = reply(api.call(&person, Method::GET, &person.path("/patients"))).await;
    assert_eq!(got.status, 200, "{got:?}");
    assert_eq!(got.json()["items"][0]["name"], "Ada Lovelace");
    assert_eq!(got.header("cache-control"), "no-store");
}

#[tokio::test]
async fn only_the_reference_page_may_load_its_own_parts() {
    let api = Behind::default().start().await;
    let got = reply(api.request(Method::GET, "/docs/")).await;
    assert!(
        got.header("content-security-policy")
            .starts_with("default-src 'self'")
    );
    let inline = got
        .text
        .split("<script")
        .skip(1)
        .any(|script| !script.starts_with(" src="));
    assert!(
        !inline,
        "its policy lets no inline script run: {}",
        got.text
    );
    let got = reply(api.request(Method::GET, "/config.json")).await;
    assert!(
        got.header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    assert_eq!(got.header("cache-control"), "no-store");
}

fn allows(got: &Reply) -> bool {
    !got.header("access-control-allow-origin").is_empty()
}

#[tokio::test]
async fn an_origin_that_looks_like_ours_is_not_ours() {
    let api = Behind::default().start().await;
    for (origin, allowed) in [
        ("http://clinic.test", true),
        ("null", false),
        ("http://clinic.test.evil.tld", false),
        ("http://evilclinic.test", false),
        ("http://clinic.test:8080", false),
        ("http://clinic.test/", false),
        ("https://clinic.test", false),
        ("http://CLINIC.test", false),
        ("http://clinic.test@evil.tld", false),
        ("http://clinic.test, http://evil.tld", false),
        ("*", false),
        ("", false),
    ] {
        let simple = api
            .request(Method::GET, "/config.json")
            .header("origin", origin);
        let got = reply(simple).await;
        assert_eq!(allows(&got), allowed, "{origin}");
        if allowed {
            let exposed = got.header("access-control-expose-headers");
            for name in [
                "retry-after",
                "ratelimit-limit",
                "ratelimit-remaining",
                "ratelimit-reset",
            ] {
                assert!(exposed.contains(name), "{exposed}");
            }
        }
        let preflight = api
            .request(Method::OPTIONS, "/api/auth/login")
            .header("origin", origin)
            .header("access-control-request-method", "POST");
        assert_eq!(allows(&reply(preflight).await), allowed, "{origin}");
        let login = api
            .request(Method::POST, "/api/auth/login")
            .header("origin", origin);
        let got = reply(login.json(&json!({}))).await;
        assert_eq!(got.status == 403, !allowed, "{origin}: {got:?}");
    }
}

#[tokio::test]
async fn other_peoples_pages_cannot_use_the_cookies() {
    let api = Behind::default().start().await;
    for path in [
        "/api/auth/login",
        "/api/auth/refresh",
        "/api/auth/logout",
        "/api/auth/signup",
    ] {
        for (name, value, refused) in [
            ("origin", "https://evil.test", true),
            ("origin", "null", true),
            ("sec-fetch-site", "cross-site", true),
            ("sec-fetch-site", "same-site", true),
            ("sec-fetch-site", "same-origin", false),
            ("sec-fetch-site", "none", false),
            ("origin", "http://clinic.test", false),
            ("accept", "*/*", false),
        ] {
            let got = reply(api.request(Method::POST, path).header(name, value)).await;
            let problem = got.problem();
            let is_refused = problem == (403, "ORIGIN_FORBIDDEN".to_owned());
            assert_eq!(is_refused, refused, "{path} {name}: {value}");
        }
    }
}

#[tokio::test]
async fn headers_of_our_own_calls_mean_nothing_from_outside() {
    let api = Behind::default().start().await;
    let (person, other) = (Person::new("staff"), Person::new("owner"));
    let forged = |request: reqwest::RequestBuilder| {
        request
            .header("x-org-id", other.org.to_string())
            .header("x-user-id", other.user.to_string())
            .header("x-internal-context", "anything")
            .header("voxanne-context", "anything")
            .header("x-original-url", other.path("/bookings"))
            .header("x-http-method-override", "DELETE")
    };
    let got = reply(forged(api.request(Method::GET, &person.path("/bookings")))).await;
    assert_eq!(got.problem(), (401, "TOKEN_MISSING".to_owned()));
    let got = reply(forged(api.call(
        &person,
        Method::GET,
        &other.path("/bookings"),
    )))
    .await;
    assert_eq!(got.problem(), (403, "ORG_MISMATCH".to_owned()));
}

//! What operators and probes see.

use axum::http::Method;
use voxanne_testkit::eventually;

use super::fixture::{Behind, OPERATOR, Person, reply};

#[tokio::test]
async fn the_cache_of_tokens_is_shown_to_the_operator_alone() {
    let api = Behind::default().start().await;
    let person = Person::new("owner");
    let token = person.token();
    for _ in 0..4 {
        let path = person.path("/bookings");
        reply(api.request(Method::GET, &path).bearer_auth(&token)).await;
    }
    let stats = || api.request(Method::GET, "/api/internal/auth-cache-stats");
    let got = reply(stats().bearer_auth(OPERATOR)).await;
    let body = got.json();
    assert_eq!(got.status, 200, "{body}");
    assert_eq!(
        (&body["hits"], &body["misses"], &body["size"]),
        (&3.into(), &1.into(), &1.into())
    );
    assert_eq!(body["hitRate"], 0.75);
    for request in [
        stats(),
        stats().bearer_auth("guess"),
        stats().bearer_auth(&token),
    ] {
        let got = reply(request).await;
        assert_eq!(got.problem(), (401, "OPERATOR_TOKEN_INVALID".to_owned()));
    }
}

#[tokio::test]
async fn probes_and_the_dashboard_find_what_they_need() {
    let api = Behind::default().start().await;
    let got = reply(api.request(Method::GET, "/healthz")).await;
    assert_eq!((got.status, got.text.as_str()), (200, "ok"));
    eventually("the gateway is ready", || async {
        let got = reply(api.request(Method::GET, "/readyz")).await;
        let body = got.json();
        let dependencies = &body["dependencies"];
        (got.status, &body["ready"]) == (200, &true.into())
            && dependencies["identity"] == "up"
            && dependencies["booking"] == "degraded"
    })
    .await;
    let got = reply(api.request(Method::GET, "/config.json")).await;
    assert_eq!(got.json()["streamUrl"], "ws://clinic.test/frontend/stream");
    api.gateway.process.readiness.drain();
    let got = reply(api.request(Method::GET, "/readyz")).await;
    assert_eq!((got.status, &got.json()["draining"]), (503, &true.into()));
}

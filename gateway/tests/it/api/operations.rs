//! What operators and probes see.

use axum::http::Method;
use serde_json::{Value, json};
use voxanne_proto::identity::v1::{GetJwksRequest, GetJwksResponse};
use voxanne_testkit::eventually;

use super::fixture::{Api, Behind, OPERATOR, Person, jwk, reply};
use crate::fake::Rpcs;

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
            && dependencies["services"] == "up"
            && dependencies["revocations"] == "up"
            && dependencies["booking"] == "degraded"
    })
    .await;
    let got = reply(api.request(Method::GET, "/config.json")).await;
    assert_eq!(got.json()["streamUrl"], "ws://clinic.test/frontend/stream");
    api.gateway.process.readiness.drain();
    let got = reply(api.request(Method::GET, "/readyz")).await;
    assert_eq!((got.status, &got.json()["draining"]), (503, &true.into()));
}

async fn readiness(api: &Api) -> (u16, Value) {
    let got = reply(api.request(Method::GET, "/readyz")).await;
    (got.status, got.json()["dependencies"].clone())
}

#[tokio::test]
async fn without_any_service_that_serves_the_gateway_is_not_ready() {
    let api = Behind::booking(Rpcs::default()).start().await;
    eventually("both serve", || async {
        let (status, dependencies) = readiness(&api).await;
        status == 200 && dependencies["identity"] == "up" && dependencies["booking"] == "up"
    })
    .await;
    api.behind[0].process.readiness.drain();
    eventually("one is away and the others go on", || async {
        let (status, dependencies) = readiness(&api).await;
        status == 200 && dependencies["identity"] == "degraded"
    })
    .await;
    // As all of them do when Postgres is away.
    api.behind[1].process.readiness.drain();
    eventually("all are away", || async {
        let (status, dependencies) = readiness(&api).await;
        status == 503 && dependencies["services"] == "down"
    })
    .await;
}

#[tokio::test]
async fn nobody_is_let_in_before_it_is_known_which_sessions_ended() {
    let keys = |_: tonic::Request<GetJwksRequest>| async {
        let jwks = json!({ "keys": [jwk("k", 7)] }).to_string();
        Ok(GetJwksResponse { jwks })
    };
    let identity = "/voxanne.identity.v1.IdentityService/GetJwks";
    let behind = Behind {
        identity: Rpcs::default().unary(identity, keys),
        ..Behind::default()
    };
    let api = behind.start().await;
    eventually("everything else is there", || async {
        let (status, dependencies) = readiness(&api).await;
        let up = ["identity", "services", "signing-keys"];
        assert_eq!(status, 503);
        assert_eq!(dependencies["revocations"], "down");
        up.iter().all(|name| dependencies[name] == "up")
    })
    .await;
}

//! A program with an API key does what the key's scopes say, in its own clinic.

use axum::http::Method;
use serde_json::{Value, json};
use voxanne_ids::OrgId;
use voxanne_proto::{
    booking::v1::{ListProvidersRequest, ListProvidersResponse, Provider},
    identity::v1::{ApiKey as Shown, CreateApiKeyRequest, CreateApiKeyResponse},
};
use voxanne_tenant::{Permission, Tenant};
use voxanne_testkit::{eventually, redis_url};

use super::fixture::{Api, Behind, OPERATOR, Person, Reply, reply};
use crate::fake::{Rpcs, sessions::Sessions};

/// A booking service that lists one provider, named after whoever asks.
fn booking() -> Rpcs {
    Rpcs::default().unary(
        "/voxanne.booking.v1.ClinicService/ListProviders",
        |request: tonic::Request<ListProvidersRequest>| async move {
            let tenant = Tenant::of(&request)?;
            let provider = Provider {
                name: format!("{} {}", tenant.org(), tenant.caller()),
                ..Default::default()
            };
            Ok(ListProvidersResponse {
                providers: vec![provider],
                next_cursor: String::new(),
            })
        },
    )
}

async fn get(api: &Api, org: OrgId, path: &str, key: &str) -> Reply {
    let path = format!("/api/org/{org}{path}");
    reply(api.request(Method::GET, &path).bearer_auth(key)).await
}

#[tokio::test]
async fn a_key_acts_for_its_clinic_alone() {
    let api = Behind::booking(booking()).start().await;
    let (acme, globex) = (OrgId::new(), OrgId::new());
    let (id, key) = api.api_keys.make(acme, &[Permission::ClinicRead]);
    let got = get(&api, acme, "/providers", &key).await;
    assert_eq!(got.status, 200, "{got:?}");
    assert_eq!(got.json()["items"][0]["name"], format!("{acme} key:{id}"));
    let got = get(&api, globex, "/providers", &key).await;
    assert_eq!(got.problem(), (403, "ORG_MISMATCH".to_owned()));
    let got = get(&api, acme, "/patients", &key).await;
    assert_eq!(got.problem(), (403, "SCOPE_INSUFFICIENT".to_owned()));
}

#[tokio::test]
async fn what_is_no_key_is_refused_without_asking_anybody() {
    let api = Behind::booking(booking()).start().await;
    let org = OrgId::new();
    let (_, key) = api.api_keys.make(org, &[Permission::ClinicRead]);
    let slip = key.replacen(
        &key[10..12],
        if &key[10..12] == "00" { "11" } else { "00" },
        1,
    );
    for text in [
        "vxk_",
        "vxk_123",
        &key[..75],
        &format!("{key}0"),
        &slip,
        &key.replace("vxk", "VXK"),
    ] {
        let got = get(&api, org, "/providers", text).await;
        assert_eq!(got.problem(), (401, "TOKEN_INVALID".to_owned()), "{text}");
    }
    assert_eq!(api.api_keys.asked(), 0);
    let other = Behind::default();
    let (_, unknown) = other.api_keys.make(org, &[Permission::ClinicRead]);
    let got = get(&api, org, "/providers", &unknown).await;
    assert_eq!(got.problem(), (401, "TOKEN_INVALID".to_owned()));
    assert_eq!(api.api_keys.asked(), 1, "a well-formed one is asked for");
    eventually("and not again for a while", || async {
        let before = api.api_keys.asked();
        let got = get(&api, org, "/providers", &unknown).await;
        assert_eq!(got.problem(), (401, "TOKEN_INVALID".to_owned()));
        api.api_keys.asked() == before
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_over_opens_nothing_at_once() {
    let api = Behind::booking(booking()).start().await;
    let org = OrgId::new();
    for (reason, code) in [("API_KEY_REVOKED", 401), ("TOKEN_EXPIRED", 401)] {
        let (_, key) = api.api_keys.make(org, &[Permission::ClinicRead]);
        assert_eq!(get(&api, org, "/providers", &key).await.status, 200);
        api.api_keys.refuse(&key, reason);
        let got = get(&api, org, "/providers", &key).await;
        assert_eq!(got.problem(), (code, reason.to_owned()));
    }
    let (_, key) = api.api_keys.make(org, &[Permission::ClinicRead]);
    api.api_keys.refuse(&key, "CONTEXT_REFUSED");
    let got = get(&api, org, "/providers", &key).await;
    assert_eq!(
        got.problem(),
        (500, "INTERNAL".to_owned()),
        "this is about us"
    );
}

#[tokio::test]
async fn a_known_key_is_not_asked_for_again_until_it_ends() {
    let sessions = Sessions::default();
    let behind = Behind {
        booking: Some(booking()),
        redis: Some(redis_url()),
        ..Behind::with(sessions.clone())
    };
    let api = behind.start().await;
    let org = OrgId::new();
    let (id, key) = api.api_keys.make(org, &[Permission::ClinicRead]);
    eventually("the feed is trusted", || async {
        let before = api.api_keys.asked();
        let status = get(&api, org, "/providers", &key).await.status;
        status == 200 && api.api_keys.asked() == before
    })
    .await;
    let stats = || {
        reply(
            api.request(Method::GET, "/api/internal/auth-cache-stats")
                .bearer_auth(OPERATOR),
        )
    };
    let (asked, before) = (api.api_keys.asked(), stats().await.json());
    for _ in 0..5 {
        assert_eq!(get(&api, org, "/providers", &key).await.status, 200);
    }
    let after = stats().await.json();
    let hits = |stats: &Value| stats["hits"].as_u64().expect("a number");
    assert_eq!(
        (api.api_keys.asked(), hits(&after) - hits(&before)),
        (asked, 5)
    );
    assert_eq!(
        (&after["size"], &after["misses"]),
        (&json!(1), &before["misses"])
    );
    // Identity itself would still let it in: the feed alone ends it here.
    sessions.revoke_key(org, id);
    eventually("the revocation is heard of", || async {
        get(&api, org, "/providers", &key).await.status == 401
    })
    .await;
    let got = get(&api, org, "/providers", &key).await;
    assert_eq!(got.problem(), (401, "API_KEY_REVOKED".to_owned()));
}

#[tokio::test]
async fn without_the_feed_identity_is_asked_about_a_key_each_time() {
    let sessions = Sessions::default();
    let behind = Behind {
        booking: Some(booking()),
        ..Behind::with(sessions.clone())
    };
    let api = behind.start().await;
    let org = OrgId::new();
    let (_, key) = api.api_keys.make(org, &[Permission::ClinicRead]);
    for asked in 1..=3 {
        assert_eq!(get(&api, org, "/providers", &key).await.status, 200);
        assert_eq!(api.api_keys.asked(), asked);
    }
}

/// Every route that the document shows, asked with a key that holds all but what it needs, and with
/// one that holds just that.
#[tokio::test]
async fn every_route_asks_a_key_for_its_scope() {
    let api = Behind::default().start().await;
    let org = OrgId::new();
    let document: Value = serde_json::from_str(&voxanne_gateway::openapi::text()).expect("JSON");
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let Ok(method) = method.to_uppercase().parse::<Method>() else {
                continue;
            };
            if operation["security"][0].get("bearer").is_none() {
                continue;
            }
            let permission = operation["x-permission"].as_str();
            let needed = permission.map(|name| name.parse::<Permission>().expect("a permission"));
            let others: Vec<_> = Permission::ALL
                .iter()
                .copied()
                .filter(|one| Some(*one) != needed)
                .collect();
            let path = path
                .replace("{orgId}", &org.to_string())
                .replace("{id}", "nonsense");
            let ask = |key: String| reply(api.request(method.clone(), &path).bearer_auth(key));
            let refused = ask(api.api_keys.make(org, &others).1).await;
            let expected = (403, "SCOPE_INSUFFICIENT".to_owned());
            assert_eq!(refused.problem(), expected, "{method} {path}");
            if let Some(needed) = needed {
                let let_in = ask(api.api_keys.make(org, &[needed]).1).await;
                assert!(
                    ![401, 403].contains(&let_in.status),
                    "{method} {path}: {let_in:?}"
                );
            }
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried} routes");
}

/// Identity, which makes a key with another secret each time.
fn maker(rpcs: Rpcs) -> Rpcs {
    let made = std::sync::atomic::AtomicUsize::default();
    let made = std::sync::Arc::new(made);
    rpcs.unary(
        "/voxanne.identity.v1.ApiKeyService/CreateApiKey",
        move |request: tonic::Request<CreateApiKeyRequest>| {
            let number = made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            async move {
                let CreateApiKeyRequest { name, scopes, .. } = request.into_inner();
                let key = Shown {
                    name,
                    scopes,
                    status: "active".to_owned(),
                    ..Default::default()
                };
                Ok(CreateApiKeyResponse {
                    key: Some(key),
                    secret: format!("vxk_the-secret-{number}"),
                })
            }
        },
    )
}

#[tokio::test]
async fn a_secret_is_shown_once_and_remembered_by_nobody() {
    let mut behind = Behind {
        redis: Some(redis_url()),
        ..Behind::default()
    };
    behind.identity = maker(behind.identity);
    let api = behind.start().await;
    let person = Person::new("owner");
    let make = |name: &str| {
        let request = api.call(&person, Method::POST, &person.path("/api-keys"));
        let body = json!({ "name": name, "scopes": ["bookings:read"] });
        reply(request.header("x-idempotency-key", "k1").json(&body))
    };
    let first = make("CRM").await;
    assert_eq!(
        (first.status, &first.json()["secret"]),
        (201, &json!("vxk_the-secret-0"))
    );
    let again = make("CRM").await;
    assert_eq!(again.problem(), (409, "ANSWER_SHOWN_ONCE".to_owned()));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert!(!again.text.contains("vxk_"), "{}", again.text);
    let other = make("Website").await;
    assert_eq!(other.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
    // What was refused may be mended under the same key.
    let request = api.call(&person, Method::POST, &person.path("/api-keys"));
    let faulty = request
        .header("x-idempotency-key", "k2")
        .json(&json!({ "name": "CRM" }));
    assert_eq!(reply(faulty).await.status, 400);
    let request = api.call(&person, Method::POST, &person.path("/api-keys"));
    let body = json!({ "name": "CRM", "scopes": ["bookings:read"] });
    let mended = request.header("x-idempotency-key", "k2").json(&body);
    assert_eq!(reply(mended).await.json()["secret"], "vxk_the-secret-1");
}

//! A token opens its own organisation and nothing else, and no forged one opens anything.

mod forged;

use axum::http::Method;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use voxanne_ids::OrgId;
use voxanne_proto::booking::v1::{ListProvidersRequest, ListProvidersResponse};
use voxanne_tenant::Tenant;
use voxanne_testkit::eventually;

use self::forged::{header, wrongly_signed, wrongly_worded};
use super::fixture::{
    Api, Behind, KEY_ID, Person, Reply, address, jwk, private, public, reply, sign,
};
use crate::fake::Rpcs;

/// A booking service that lists one provider, named after the caller's organisation.
fn booking() -> Rpcs {
    Rpcs::default().unary(
        "/voxanne.booking.v1.ClinicService/ListProviders",
        |request: tonic::Request<ListProvidersRequest>| async move {
            let tenant = Tenant::of(&request)?;
            let provider = voxanne_proto::booking::v1::Provider {
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

async fn with_token(api: &Api, org: OrgId, token: &str) -> Reply {
    let path = format!("/api/org/{org}/providers");
    reply(api.request(Method::GET, &path).bearer_auth(token)).await
}

#[tokio::test]
async fn a_good_token_acts_for_its_organisation() {
    let api = Behind::booking(booking()).start().await;
    let person = Person::new("auditor");
    let got = with_token(&api, person.org, &person.token()).await;
    assert_eq!(got.status, 200, "{got:?}");
    let expected = format!("{} user:{}", person.org, person.user);
    assert_eq!(got.json()["items"][0]["name"], expected);
    let end = got.json().get("nextCursor").cloned();
    assert_eq!(
        end,
        Some(json!(null)),
        "the last page says that it is the last"
    );
    let bare = format!("/api/org/{}/providers", person.org.as_uuid());
    let got = reply(api.call(&person, Method::GET, &bare)).await;
    assert_eq!(got.status, 200, "a bare UUID names an organisation too");
}

#[tokio::test]
async fn no_forged_token_is_accepted() {
    let api = Behind::booking(booking()).start().await;
    let person = Person::new("owner");
    let signed = wrongly_signed(&person);
    for (attack, token) in signed.into_iter().chain(wrongly_worded(&person)) {
        let got = with_token(&api, person.org, &token).await;
        assert_eq!(got.problem(), (401, "TOKEN_INVALID".to_owned()), "{attack}");
        assert_eq!(got.header("www-authenticate"), "Bearer", "{attack}");
    }
}

#[tokio::test]
async fn a_token_has_an_end() {
    let api = Behind::booking(booking()).start().await;
    let person = Person::new("owner");
    let mut claims = person.claims();
    claims["exp"] = json!(claims["iat"].as_i64().expect("a number") - 60);
    let got = with_token(&api, person.org, &sign(&claims)).await;
    assert_eq!(got.problem(), (401, "TOKEN_EXPIRED".to_owned()));
    let got = reply(api.request(Method::GET, &person.path("/providers"))).await;
    assert_eq!(got.problem(), (401, "TOKEN_MISSING".to_owned()));
}

#[tokio::test]
async fn a_shared_secret_is_accepted_only_where_it_is_set() {
    let secret = "a secret of at least 32 characters";
    let behind = Behind {
        secret: Some(secret),
        ..Behind::booking(booking())
    };
    let api = behind.start().await;
    let person = Person::new("staff");
    let key = EncodingKey::from_secret(secret.as_bytes());
    let token = |id: Option<&str>, key: &EncodingKey| {
        let header = Header {
            kid: id.map(str::to_owned),
            ..Header::new(Algorithm::HS256)
        };
        jsonwebtoken::encode(&header, &person.claims(), key).expect("claims encode")
    };
    for id in [None, Some("env-hs256")] {
        assert_eq!(
            with_token(&api, person.org, &token(id, &key)).await.status,
            200,
            "{id:?}"
        );
    }
    assert_eq!(
        with_token(&api, person.org, &person.token()).await.status,
        200
    );
    // The secret does not stand in for identity's key, nor identity's key for the secret.
    let crossed = token(Some(KEY_ID), &key);
    assert_eq!(with_token(&api, person.org, &crossed).await.status, 401);
    let crossed = token(None, &EncodingKey::from_secret(&public()));
    assert_eq!(with_token(&api, person.org, &crossed).await.status, 401);
}

#[tokio::test]
async fn another_organisations_token_is_refused_before_anything_is_looked_up() {
    // No service is there to look anything up.
    let api = Behind::default().start().await;
    let (acme, globex) = (Person::new("owner"), Person::new("owner"));
    for path in ["/providers", "/bookings/nonsense", "/credentials/twilio"] {
        let got = reply(api.call(&globex, Method::GET, &acme.path(path))).await;
        assert_eq!(got.problem(), (403, "ORG_MISMATCH".to_owned()), "{path}");
    }
    let got = reply(api.call(&globex, Method::GET, "/api/org/nonsense/providers")).await;
    assert_eq!(got.problem(), (403, "ORG_MISMATCH".to_owned()));
}

#[tokio::test]
async fn each_role_does_its_own() {
    // Booking is away: whoever passes the gateway gets 503.
    let api = Behind::default().start().await;
    let patient = json!({ "name": "Ada", "phone": "+14155550123" });
    let provider = json!({ "name": "Dr. Lee" });
    for (role, reads, edits, administers) in [
        ("owner", 503, 503, 503),
        ("admin", 503, 503, 503),
        ("staff", 503, 503, 403),
        ("provider", 503, 503, 403),
        ("auditor", 503, 403, 403),
    ] {
        let person = Person::new(role);
        let read = api.call(&person, Method::GET, &person.path("/patients"));
        let edit = api.call(&person, Method::POST, &person.path("/patients"));
        let administer = api.call(&person, Method::POST, &person.path("/providers"));
        let got = (
            reply(read).await.status,
            reply(edit.json(&patient)).await.status,
            reply(administer.json(&provider)).await.status,
        );
        assert_eq!(got, (reads, edits, administers), "{role}");
    }
}

#[tokio::test]
async fn a_session_that_ended_elsewhere_ends_here_too() {
    let api = Behind::booking(booking()).start().await;
    let (gone, stays) = (Person::new("staff"), Person::new("staff"));
    assert_eq!(with_token(&api, gone.org, &gone.token()).await.status, 200);
    api.revoke(gone.session);
    eventually("the revocation arrives", || async {
        with_token(&api, gone.org, &gone.token()).await.status == 401
    })
    .await;
    let got = with_token(&api, gone.org, &gone.token()).await;
    assert_eq!(got.problem(), (401, "SESSION_REVOKED".to_owned()));
    assert_eq!(
        with_token(&api, stays.org, &stays.token()).await.status,
        200
    );
}

#[tokio::test]
async fn tokens_cannot_be_judged_before_identity_gave_its_keys() {
    let behind = Behind {
        identity: Rpcs::default(),
        ..Behind::booking(booking())
    };
    let api = behind.start().await;
    let person = Person::new("staff");
    let got = with_token(&api, person.org, &person.token()).await;
    assert_eq!(got.problem(), (503, "UNAVAILABLE".to_owned()));
}

#[tokio::test]
async fn an_external_issuers_keys_are_accepted_beside_identitys() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut jwks_url = address(listener.local_addr().unwrap());
    jwks_url.set_path("/jwks");
    let set = json!({ "keys": [jwk("ext-1", 9), jwk(KEY_ID, 9), { "kty": "oct", "kid": "o", "k": "AAAA" },
        { "kty": "OKP", "crv": "Ed25519", "kid": "cut", "x": "!" }, { "kty": "AKP", "kid": "new" }, 7] });
    let pages = axum::Router::new().route("/jwks", axum::routing::get(async || axum::Json(set)));
    let behind = Behind {
        jwks_url: Some(jwks_url),
        ..Behind::booking(booking())
    };
    let api = behind.start().await;
    let serving = axum::serve(listener, pages);
    api.gateway
        .process
        .tasks
        .spawn(async move { serving.await.expect("pages are served") });
    let person = Person::new("staff");
    let signed = |algorithm, id: &str, key: &EncodingKey| {
        jsonwebtoken::encode(&header(algorithm, id), &person.claims(), key).expect("claims encode")
    };
    let external = signed(Algorithm::EdDSA, "ext-1", &private(9));
    eventually("the issuer's keys are fetched", || async {
        with_token(&api, person.org, &external).await.status == 200
    })
    .await;
    assert_eq!(
        with_token(&api, person.org, &person.token()).await.status,
        200
    );
    // A key that is published under identity's name does not take its place, and a published
    // secret is none.
    for (token, why) in [
        (
            signed(Algorithm::EdDSA, KEY_ID, &private(9)),
            "a borrowed name",
        ),
        (
            signed(Algorithm::HS256, "o", &EncodingKey::from_secret(&[0, 0, 0])),
            "a secret",
        ),
    ] {
        let got = with_token(&api, person.org, &token).await;
        assert_eq!(got.problem(), (401, "TOKEN_INVALID".to_owned()), "{why}");
    }
}

//! A token opens its own organisation and nothing else, and no forged one opens anything.

mod fetches;
mod forged;
mod issuers;
mod lifetime;
mod outgoing;
mod rotation;

use axum::http::Method;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use voxanne_ids::OrgId;
use voxanne_proto::booking::v1::{ListProvidersRequest, ListProvidersResponse};
use voxanne_tenant::Tenant;
use voxanne_testkit::eventually;

use super::fixture::{Api, Behind, KEY_ID, Person, Reply, public, reply};
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
    api.sessions.revoke(gone.org, gone.session);
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

//! API keys: made once, shown never again, and over when they are revoked or expire.

mod clinics;
mod ending;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use tonic::transport::Channel;
use voxanne_clock::{from_proto, to_proto};
use voxanne_ids::KeyId;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::{
    ApiKey as Shown, CreateApiKeyRequest, CreateApiKeyResponse, FindApiKeyRequest,
    FindApiKeyResponse, ListApiKeysRequest, ListApiKeysResponse, RevokeApiKeyRequest,
    api_key_service_client::ApiKeyServiceClient,
};
use voxanne_tenant::{ApiKey, Caller, Permission, Role, Tenant};

use crate::fixture::{Fixture, answer, colleague, reason};

type Answer<T> = Result<T, Box<Problem>>;

fn client(fixture: &Fixture) -> ApiKeyServiceClient<Channel> {
    ApiKeyServiceClient::new(fixture.running.channel())
}

fn wanted(scopes: &[&str], expires_at: Option<Timestamp>) -> CreateApiKeyRequest {
    CreateApiKeyRequest {
        name: "Reporting".into(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
        expires_at: expires_at.map(to_proto),
    }
}

async fn create(
    fixture: &Fixture,
    tenant: &Tenant,
    message: CreateApiKeyRequest,
) -> Answer<CreateApiKeyResponse> {
    let request = fixture.within(tenant, message);
    answer(client(fixture).create_api_key(request).await)
}

/// The id and the secret of a key that reads bookings.
async fn make(fixture: &Fixture, tenant: &Tenant) -> (String, String) {
    let made = create(fixture, tenant, wanted(&["bookings:read"], None)).await;
    let made = made.expect("a key");
    (made.key.expect("a key").id, made.secret)
}

fn hash(secret: &str) -> Vec<u8> {
    ApiKey::parse(secret).expect("a key").hash().to_vec()
}

async fn find(fixture: &Fixture, secret: &str) -> Answer<FindApiKeyResponse> {
    let message = FindApiKeyRequest { hash: hash(secret) };
    answer(client(fixture).find_api_key(fixture.system(message)).await)
}

async fn list(fixture: &Fixture, tenant: &Tenant, limit: u32, cursor: &str) -> ListApiKeysResponse {
    let cursor = cursor.to_owned();
    let request = fixture.within(tenant, ListApiKeysRequest { limit, cursor });
    answer(client(fixture).list_api_keys(request).await).expect("a list")
}

async fn revoke(fixture: &Fixture, tenant: &Tenant, id: &str) -> String {
    let message = RevokeApiKeyRequest { id: id.to_owned() };
    let request = fixture.within(tenant, message);
    reason(answer(client(fixture).revoke_api_key(request).await))
}

async fn only(fixture: &Fixture, tenant: &Tenant) -> Shown {
    let mut keys = list(fixture, tenant, 0, "").await.keys;
    assert_eq!(keys.len(), 1);
    keys.remove(0)
}

#[expect(clippy::disallowed_methods, reason = "tests stand in for the gateway")]
fn with_key(tenant: &Tenant, scopes: &[Permission]) -> Tenant {
    let caller = Caller::Key {
        id: KeyId::new(),
        scopes: scopes.iter().copied().collect(),
    };
    Tenant::authenticated(tenant.org(), caller, "test")
}

#[tokio::test]
async fn a_key_opens_its_clinic_and_its_secret_is_kept_nowhere() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let expires_at = fixture.clock.now() + SignedDuration::from_hours(24);
    let message = wanted(&["patients:read", "bookings:write"], Some(expires_at));
    let made = create(&fixture, &owner, message).await.unwrap();
    let shown = made.key.unwrap();
    assert!(made.secret.starts_with("vxk_") && made.secret.ends_with(&shown.last_four));
    assert_eq!((&*shown.name, &*shown.status), ("Reporting", "active"));
    let found = find(&fixture, &made.secret).await.unwrap();
    assert_eq!(
        (&found.id, found.org_id),
        (&shown.id, owner.org().to_string())
    );
    assert_eq!(found.scopes, ["bookings:write", "patients:read"]);
    assert_eq!(from_proto(&found.expires_at.unwrap()).unwrap(), expires_at);

    let mut database = fixture.database.owner().await;
    let (rows, stored): (String, Vec<u8>) = sqlx::query_as(
        "SELECT (SELECT string_agg(k::text, ' ') FROM identity.api_key k), hash
         FROM identity.api_key",
    )
    .fetch_one(&mut database)
    .await
    .unwrap();
    assert!(!rows.contains(&made.secret[4..68]), "{rows}");
    assert_eq!(stored, hash(&made.secret));
    let text = digest(&SHA256, made.secret.as_bytes());
    assert_ne!(
        stored,
        text.as_ref(),
        "the random bytes are hashed, not their text"
    );
}

#[tokio::test]
async fn every_fault_of_a_wish_is_named() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let mut message = wanted(
        &["clinic:read", "members:write", "all"],
        Some(fixture.clock.now()),
    );
    message.name = String::new();
    let problem = create(&fixture, &owner, message).await.unwrap_err();
    let fields: Vec<_> = problem
        .violations
        .iter()
        .map(|one| (&*one.field, &*one.code))
        .collect();
    let expected = [
        ("name", "NAME"),
        ("scopes[1]", "SCOPE_NOT_ALLOWED"),
        ("scopes[2]", "ONE_OF"),
        ("expiresAt", "IN_PAST"),
    ];
    assert_eq!(fields, expected);
}

#[tokio::test]
async fn keys_are_made_by_administrators_and_by_no_key() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let message = || wanted(&["bookings:read"], None);
    for (role, expected) in [
        (Role::Owner, "OK"),
        (Role::Admin, "OK"),
        (Role::Staff, "ROLE_INSUFFICIENT"),
        (Role::Provider, "ROLE_INSUFFICIENT"),
        (Role::Auditor, "ROLE_INSUFFICIENT"),
    ] {
        let made = create(&fixture, &colleague(&owner, role), message()).await;
        assert_eq!(reason(made), expected, "{role:?}");
    }
    // Even one that were to hold everything.
    let mighty = with_key(&owner, Permission::ALL);
    assert_eq!(
        reason(create(&fixture, &mighty, message()).await),
        "NOT_SIGNED_IN"
    );
    let blind = with_key(&owner, &[Permission::BookingsRead]);
    let request = fixture.within(&blind, ListApiKeysRequest::default());
    let listed = answer(client(&fixture).list_api_keys(request).await);
    assert_eq!(reason(listed), "ROLE_INSUFFICIENT");
    assert_eq!(
        revoke(&fixture, &blind, &KeyId::new().to_string()).await,
        "ROLE_INSUFFICIENT"
    );
}

#[tokio::test]
async fn making_and_revoking_is_in_the_audit_log() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let (id, _) = make(&fixture, &owner).await;
    revoke(&fixture, &owner, &id).await;
    revoke(&fixture, &owner, &id).await;
    let mut database = fixture.database.owner().await;
    let noted: Vec<(String, Vec<uuid::Uuid>)> = sqlx::query_as(
        "SELECT action, records FROM audit.entry
         WHERE org_id = $1 AND action LIKE 'api_key.%' ORDER BY seq",
    )
    .bind(owner.org())
    .fetch_all(&mut database)
    .await
    .unwrap();
    let id = id.parse::<KeyId>().unwrap().as_uuid();
    let expected =
        ["api_key.created", "api_key.revoked"].map(|action| (action.to_owned(), vec![id]));
    assert_eq!(noted, expected);
}

//! API keys: made once, shown never again, and over when they are revoked or expire.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, PgConnection};
use tonic::transport::Channel;
use voxanne_clock::{from_proto, to_proto};
use voxanne_ids::KeyId;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::{
    ApiKey as Shown, CreateApiKeyRequest, CreateApiKeyResponse, FindApiKeyRequest,
    FindApiKeyResponse, ListApiKeysRequest, ListApiKeysResponse, ListRevocationsRequest,
    Revocation, RevokeApiKeyRequest, api_key_service_client::ApiKeyServiceClient,
    revocation::Ended, session_service_client::SessionServiceClient,
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
async fn a_revoked_key_is_over_for_good() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let (id, secret) = make(&fixture, &owner).await;
    assert_eq!(revoke(&fixture, &owner, &id).await, "OK");
    assert_eq!(reason(find(&fixture, &secret).await), "API_KEY_REVOKED");
    let feed = fixture.system(ListRevocationsRequest { after: 0 });
    let mut sessions = SessionServiceClient::new(fixture.running.channel());
    let feed = answer(sessions.list_revocations(feed).await).expect("the feed");
    let told = Revocation {
        org_id: owner.org().to_string(),
        ended: Some(Ended::KeyId(id.clone())),
    };
    assert_eq!((feed.revocations, feed.position), (vec![told], 1));
    let revoked_at = only(&fixture, &owner).await.revoked_at;
    fixture
        .clock
        .set(fixture.clock.now() + SignedDuration::from_secs(1));
    assert_eq!(revoke(&fixture, &owner, &id).await, "OK", "twice is once");
    let shown = only(&fixture, &owner).await;
    assert_eq!((&*shown.status, shown.revoked_at), ("revoked", revoked_at));
    for id in ["", "key_1", &KeyId::new().to_string()] {
        assert_eq!(revoke(&fixture, &owner, id).await, "API_KEY_NOT_FOUND");
    }
}

#[tokio::test]
async fn a_key_expires_by_the_clock() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let end = fixture.clock.now() + SignedDuration::from_mins(10);
    let made = create(&fixture, &owner, wanted(&["clinic:read"], Some(end)))
        .await
        .unwrap();
    fixture.clock.set(end - SignedDuration::from_secs(1));
    assert_eq!(reason(find(&fixture, &made.secret).await), "OK");
    fixture.clock.set(end);
    assert_eq!(reason(find(&fixture, &made.secret).await), "TOKEN_EXPIRED");
    assert_eq!(only(&fixture, &owner).await.status, "expired");
}

#[tokio::test]
async fn a_use_is_written_once_a_minute() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let (_, secret) = make(&fixture, &owner).await;
    assert_eq!(only(&fixture, &owner).await.last_used_at, None);
    let begun = fixture.clock.now();
    for (after, written) in [(1, 1), (2, 1), (60, 1), (61, 61), (100, 61), (121, 121)] {
        fixture.clock.set(begun + SignedDuration::from_secs(after));
        find(&fixture, &secret).await.unwrap();
        let last_used = only(&fixture, &owner).await.last_used_at.unwrap();
        let expected = begun + SignedDuration::from_secs(written);
        assert_eq!(from_proto(&last_used).unwrap(), expected, "after {after} s");
    }
}

#[tokio::test]
async fn another_clinics_keys_do_not_exist() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("lee@acme.example").await.tenant;
    let globex = fixture.owner("kim@globex.example").await.tenant;
    let (id, secret) = make(&fixture, &acme).await;
    assert_eq!(
        list(&fixture, &globex, 0, "").await,
        ListApiKeysResponse::default()
    );
    assert_eq!(revoke(&fixture, &globex, &id).await, "API_KEY_NOT_FOUND");
    let found = find(&fixture, &secret).await.unwrap();
    assert_eq!(
        found.org_id,
        acme.org().to_string(),
        "it is still good, where it was made"
    );
    // Only the gateway asks for keys.
    let message = FindApiKeyRequest {
        hash: hash(&secret),
    };
    let asked = client(&fixture)
        .find_api_key(fixture.system_of("booking", message))
        .await;
    assert_eq!(reason(answer(asked)), "CALLER_NOT_ALLOWED");
    for hash in [vec![], vec![0; 32], vec![0; 1000]] {
        let request = fixture.system(FindApiKeyRequest { hash });
        let asked = client(&fixture).find_api_key(request).await;
        assert_eq!(reason(answer(asked)), "TOKEN_INVALID");
    }
}

#[tokio::test]
async fn keys_outlive_the_membership_of_their_maker() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let (_, secret) = make(&fixture, &owner).await;
    let maker = only(&fixture, &owner).await.created_by.unwrap();
    assert_eq!((&*maker.email, maker.is_member), ("lee@acme.example", true));
    let mut database = fixture.database.owner().await;
    sqlx::query("DELETE FROM identity.member WHERE org_id = $1")
        .bind(owner.org())
        .execute(&mut database)
        .await
        .unwrap();
    let left = only(&fixture, &owner).await.created_by.unwrap();
    assert_eq!(
        (left.id, &*left.email, left.is_member),
        (maker.id, "", false)
    );
    assert_eq!(reason(find(&fixture, &secret).await), "OK");
}

#[tokio::test]
async fn a_clinic_has_a_hundred_keys_and_sees_them_page_by_page() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let mut made = Vec::new();
    for _ in 0..100 {
        made.push(make(&fixture, &owner).await.0);
    }
    let message = || wanted(&["bookings:read"], None);
    assert_eq!(
        reason(create(&fixture, &owner, message()).await),
        "TOO_MANY_API_KEYS"
    );
    assert_eq!(revoke(&fixture, &owner, &made[0]).await, "OK");
    assert_eq!(reason(create(&fixture, &owner, message()).await), "OK");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = list(&fixture, &owner, 40, &cursor).await;
        seen.extend(page.keys.into_iter().map(|key| key.id));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 101);
    made.reverse();
    assert_eq!(seen[1..], made, "the newest first");
}

/// Behind the service's back, as its own database role.
#[tokio::test]
async fn the_database_shows_one_clinics_keys() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("lee@acme.example").await.tenant;
    let globex = fixture.owner("kim@globex.example").await.tenant;
    make(&fixture, &acme).await;
    make(&fixture, &globex).await;
    let url = fixture.database.url("identity");
    let mut service = PgConnection::connect(url.expose_secret()).await.unwrap();
    let count = "SELECT count(*) FROM identity.api_key";
    let unscoped: Result<i64, _> = sqlx::query_scalar(count).fetch_one(&mut service).await;
    assert!(unscoped.is_err());
    let mut scoped = service.begin().await.unwrap();
    sqlx::query("SELECT set_config('app.org_id', $1, true)")
        .bind(acme.org().as_uuid().to_string())
        .execute(&mut *scoped)
        .await
        .unwrap();
    let seen: i64 = sqlx::query_scalar(count)
        .fetch_one(&mut *scoped)
        .await
        .unwrap();
    assert_eq!(seen, 1);
    let forbidden = sqlx::query("UPDATE identity.api_key SET scopes = '{audit:read}'")
        .execute(&mut *scoped)
        .await;
    assert!(
        forbidden
            .unwrap_err()
            .to_string()
            .contains("permission denied")
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

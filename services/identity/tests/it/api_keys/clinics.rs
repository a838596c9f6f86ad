//! A clinic's keys are its own, and not without number.

use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, PgConnection};
use voxanne_proto::identity::v1::{FindApiKeyRequest, ListApiKeysResponse};

use super::{client, create, find, hash, list, make, revoke, wanted};
use crate::{
    fixture::{Fixture, answer, reason},
    gate::Gate,
};

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
async fn of_two_keys_at_once_one_is_the_hundredth() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    for _ in 0..99 {
        make(&fixture, &owner).await;
    }
    let message = || wanted(&["bookings:read"], None);
    let gate = Gate::shut(&fixture, "identity.api_key", owner.org()).await;
    let (one, two, ()) = tokio::join!(
        create(&fixture, &owner, message()),
        create(&fixture, &owner, message()),
        gate.open_for(2),
    );
    let mut outcomes = [reason(one), reason(two)];
    outcomes.sort();
    assert_eq!(outcomes, ["OK", "TOO_MANY_API_KEYS"]);
}

//! Hashes of passwords keep up with the cost that is set.

use sqlx::query_scalar;

use crate::{
    account::{NEW, change},
    fixture::{Fixture, PASSWORD, Settings, reason},
};

const LEE: &str = "lee@acme.example";

/// The same service over the same database, with dearer hashes.
async fn dearer(fixture: Fixture) -> Fixture {
    let database = fixture.database.clone();
    drop(fixture);
    let settings = Settings {
        memory: 16,
        ..Settings::default()
    };
    Fixture::of(database, settings).await
}

/// What the stored hash begins with.
async fn cost(fixture: &Fixture, email: &str) -> String {
    let select = "SELECT password_hash FROM identity.user_account WHERE email = $1";
    let hash: String = query_scalar(select)
        .bind(email)
        .fetch_one(&mut fixture.database.owner().await)
        .await
        .unwrap();
    hash.split('$').nth(3).expect("PHC").to_owned()
}

#[tokio::test]
async fn a_right_sign_in_hashes_the_password_at_the_cost_that_is_set() {
    let fixture = Fixture::start().await;
    fixture.owner(LEE).await;
    fixture.owner("kim@globex.example").await;
    assert_eq!(cost(&fixture, LEE).await, "m=8,t=1,p=1");
    let fixture = dearer(fixture).await;
    let wrong = fixture.login(LEE, "wrong horse").await;
    assert_eq!(reason(wrong), "INVALID_CREDENTIALS");
    assert_eq!(cost(&fixture, LEE).await, "m=8,t=1,p=1");
    // Two at once: each is let in, whichever hash was stored first.
    let (one, other) = tokio::join!(fixture.login(LEE, PASSWORD), fixture.login(LEE, PASSWORD));
    assert_eq!((reason(one), reason(other)), ("OK".into(), "OK".into()));
    assert_eq!(cost(&fixture, LEE).await, "m=16,t=1,p=1");
    assert_eq!(cost(&fixture, "kim@globex.example").await, "m=8,t=1,p=1");
    assert_eq!(reason(fixture.login(LEE, PASSWORD).await), "OK");
    let wrong = fixture.login(LEE, "wrong horse").await;
    assert_eq!(reason(wrong), "INVALID_CREDENTIALS");
}

#[tokio::test]
async fn a_cheap_hash_serves_until_then() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let fixture = dearer(fixture).await;
    let changed = change(&fixture, &owner.tenant, (PASSWORD, NEW)).await;
    assert_eq!(reason(changed), "OK");
    assert_eq!(cost(&fixture, LEE).await, "m=16,t=1,p=1");
}

//! A session begins only while what it was allowed by still holds.

use jiff::SignedDuration;
use sqlx::query_scalar;
use voxanne_proto::identity::v1::{EndAllSessionsRequest, SwitchRequest};

use crate::{
    account::{NEW, change},
    fixture::{Fixture, PASSWORD, answer, reason},
    gate::Gate,
    second_factor::{begin_as, challenge, enrol, enter},
};

const LEE: &str = "lee@acme.example";

/// What another password does, as far as the account is concerned.
const ANOTHER_PASSWORD: &str = "UPDATE identity.user_account
     SET password_hash = 'another', password_version = password_version + 1";
/// What the same password hashed anew does.
const ANOTHER_HASH: &str = "UPDATE identity.user_account SET password_hash = 'another'";

async fn count(fixture: &Fixture, rows: &'static str) -> i64 {
    let mut owner = fixture.database.owner().await;
    query_scalar(rows).fetch_one(&mut owner).await.unwrap()
}

async fn sessions(fixture: &Fixture) -> i64 {
    count(fixture, "SELECT count(*) FROM identity.session").await
}

#[tokio::test]
async fn a_password_that_was_replaced_while_it_was_checked_opens_nothing() {
    let fixture = Fixture::start().await;
    fixture.owner(LEE).await;
    let gate = Gate::before(&fixture, LEE).await;
    let (entered, ()) = tokio::join!(
        fixture.login(LEE, PASSWORD),
        gate.change_for(1, ANOTHER_PASSWORD),
    );
    assert_eq!(reason(entered), "INVALID_CREDENTIALS");
    assert_eq!(sessions(&fixture).await, 1, "that of the sign-up");
}

#[tokio::test]
async fn a_hash_that_was_renewed_meanwhile_keeps_nobody_out() {
    let fixture = Fixture::start().await;
    fixture.owner(LEE).await;
    let gate = Gate::before(&fixture, LEE).await;
    let (entered, ()) = tokio::join!(
        fixture.login(LEE, PASSWORD),
        gate.change_for(1, ANOTHER_HASH),
    );
    assert_eq!(reason(entered), "OK");
}

#[tokio::test]
async fn a_password_that_was_replaced_meanwhile_begins_no_second_factor() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let gate = Gate::before(&fixture, LEE).await;
    let (begun, ()) = tokio::join!(
        begin_as(&fixture, &owner.tenant, PASSWORD),
        gate.change_for(1, ANOTHER_PASSWORD),
    );
    assert_eq!(reason(begun), "INVALID_CREDENTIALS");
    let factors = "SELECT count(*) FROM identity.second_factor";
    assert_eq!(count(&fixture, factors).await, 0);
}

#[tokio::test]
async fn it_asks_for_no_code_either() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    enrol(&fixture, &owner).await;
    let gate = Gate::before(&fixture, LEE).await;
    let (entered, ()) = tokio::join!(
        fixture.login(LEE, PASSWORD),
        gate.change_for(1, ANOTHER_PASSWORD),
    );
    assert_eq!(reason(entered), "INVALID_CREDENTIALS");
    let challenges = "SELECT count(*) FROM identity.login_challenge";
    assert_eq!(count(&fixture, challenges).await, 0);
}

#[tokio::test]
async fn a_second_factor_that_was_turned_on_meanwhile_is_asked_for() {
    let fixture = Fixture::start().await;
    fixture.owner(LEE).await;
    let gate = Gate::before(&fixture, LEE).await;
    let (entered, ()) = tokio::join!(
        fixture.login(LEE, PASSWORD),
        gate.change_for(
            1,
            "UPDATE identity.user_account SET second_factor_at = now()"
        ),
    );
    assert_eq!(reason(entered), "SECOND_FACTOR_REQUIRED");
    assert_eq!(sessions(&fixture).await, 1);
}

#[tokio::test]
async fn a_code_that_follows_a_replaced_password_opens_nothing() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let app = enrol(&fixture, &owner).await;
    let now = fixture.clock.now();
    fixture.clock.set(now + SignedDuration::from_secs(60));
    let waiting = challenge(&fixture).await;
    let gate = Gate::before(&fixture, LEE).await;
    let code = app.code(&fixture, 0);
    let (entered, ()) = tokio::join!(
        enter(&fixture, &waiting, &code),
        // A new password ends what waits for a code.
        gate.change_for(1, "DELETE FROM identity.login_challenge"),
    );
    assert_eq!(reason(entered), "LINK_EXPIRED");
    assert_eq!(sessions(&fixture).await, 1);
}

/// Whichever comes first: the login is refused, or its session is found and ended.
#[tokio::test]
async fn no_login_outlives_a_change_of_its_password() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let gate = Gate::before(&fixture, LEE).await;
    let (entered, changed, ()) = tokio::join!(
        fixture.login(LEE, PASSWORD),
        change(&fixture, &owner.tenant, (PASSWORD, NEW)),
        gate.open_for(2),
    );
    changed.unwrap();
    if let Ok(token) = entered {
        let refused = fixture.refresh(&token).await;
        assert_eq!(reason(refused), "SESSION_REVOKED");
    }
    assert!(fixture.refresh(&owner.refresh_token).await.is_ok());
}

/// Whichever comes first, and though the session is in another clinic than the one it was in.
#[tokio::test]
async fn nobody_escapes_the_end_of_all_sessions_by_switching() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let globex = fixture.owner("kim@globex.example").await.tenant.org();
    let mut database = fixture.database.owner().await;
    sqlx::query(
        "INSERT INTO identity.member
         SELECT $1, id, 'staff', now() FROM identity.user_account WHERE email = $2",
    )
    .bind(globex)
    .bind(LEE)
    .execute(&mut database)
    .await
    .unwrap();
    let thief = fixture.login(LEE, PASSWORD).await.unwrap();
    let thief = fixture.refresh(&thief).await.unwrap().tokens.unwrap();
    let stolen = thief.refresh_token;
    let thief = crate::account::acting(&fixture, &owner, &thief.access_token).await;
    let gate = Gate::before(&fixture, LEE).await;
    let message = SwitchRequest {
        to: globex.to_string(),
        device: None,
        refresh_token: stolen,
    };
    let (mut switching, mut ending) = (fixture.sessions(), fixture.sessions());
    let (switched, ended, ()) = tokio::join!(
        switching.switch(fixture.within(&thief, message)),
        ending.end_all_sessions(fixture.within(&owner.tenant, EndAllSessionsRequest {})),
        gate.open_for(2),
    );
    answer(ended).unwrap();
    if let Ok(switched) = answer(switched) {
        let token = switched.tokens.unwrap().refresh_token;
        let refused = fixture.refresh(&token).await;
        assert_eq!(reason(refused), "SESSION_REVOKED");
    }
    let lees = "SELECT count(*) FROM identity.session s
                JOIN identity.user_account u ON u.id = s.user_id
                WHERE s.revoked_at IS NULL AND u.email LIKE 'lee@%'";
    assert_eq!(count(&fixture, lees).await, 0);
}

//! When a key ends, and how its use is noted until then.

use jiff::SignedDuration;
use voxanne_clock::from_proto;
use voxanne_ids::KeyId;
use voxanne_proto::identity::v1::{
    ListRevocationsRequest, Revocation, revocation::Ended,
    session_service_client::SessionServiceClient,
};

use super::{create, find, make, only, revoke, wanted};
use crate::fixture::{Fixture, answer, reason};

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

use jiff::SignedDuration;
use voxanne_problem::Kind;
use voxanne_proto::identity::v1::GetSessionRequest;

use crate::fixture::{Fixture, answer, reason, text};

#[tokio::test]
async fn a_refresh_token_is_exchanged_for_the_next_one() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await;
    let mut token = owner.refresh_token;
    for _ in 0..3 {
        let next = fixture.refresh(&token).await.unwrap();
        let tokens = next.tokens.unwrap();
        assert_ne!(tokens.refresh_token, token);
        let claims = fixture.claims(&tokens.access_token).await;
        assert_eq!(
            text(&claims["sid"]),
            owner.session.to_string(),
            "the session stays"
        );
        token = tokens.refresh_token;
    }
}

#[tokio::test]
async fn a_token_that_comes_back_ends_the_session_for_everybody() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await;
    let stolen = owner.refresh_token;
    let next = fixture
        .refresh(&stolen)
        .await
        .unwrap()
        .tokens
        .unwrap()
        .refresh_token;
    let reused = fixture.refresh(&stolen).await.unwrap_err();
    assert_eq!(
        (reused.kind, &*reused.reason),
        (Kind::Unauthenticated, "SESSION_REVOKED")
    );
    assert_eq!(reason(fixture.refresh(&next).await), "SESSION_REVOKED");
    let request = fixture.within(&owner.tenant, GetSessionRequest {});
    let shown = fixture.client().get_session(request).await;
    assert_eq!(reason(answer(shown)), "SESSION_REVOKED");
}

#[tokio::test]
async fn of_two_uses_at_once_one_wins_and_the_session_ends() {
    let fixture = Fixture::start().await;
    let token = fixture.owner("lee@acme.example").await.refresh_token;
    let outcomes = tokio::join!(fixture.refresh(&token), fixture.refresh(&token));
    let mut reasons = [reason(outcomes.0), reason(outcomes.1)];
    reasons.sort();
    assert_eq!(reasons, ["OK", "SESSION_REVOKED"]);
}

#[tokio::test]
async fn another_session_of_the_same_user_goes_on() {
    let fixture = Fixture::start().await;
    let first = fixture.owner("lee@acme.example").await.refresh_token;
    let second = fixture
        .login("lee@acme.example", crate::fixture::PASSWORD)
        .await
        .unwrap();
    fixture.refresh(&first).await.unwrap();
    assert_eq!(reason(fixture.refresh(&first).await), "SESSION_REVOKED");
    assert!(fixture.refresh(&second).await.is_ok());
}

#[tokio::test]
async fn a_token_that_was_not_used_for_30_days_is_worth_nothing() {
    let fixture = Fixture::start().await;
    let token = fixture.owner("lee@acme.example").await.refresh_token;
    let begun = fixture.clock.now();
    fixture
        .clock
        .set(begun + SignedDuration::from_hours(30 * 24));
    assert_eq!(
        reason(fixture.refresh(&token).await),
        "INVALID_REFRESH_TOKEN"
    );
}

#[tokio::test]
async fn no_session_outlasts_90_days() {
    let fixture = Fixture::start().await;
    let mut token = fixture.owner("lee@acme.example").await.refresh_token;
    let begun = fixture.clock.now();
    for days in [25, 50, 75] {
        fixture
            .clock
            .set(begun + SignedDuration::from_hours(days * 24));
        token = fixture
            .refresh(&token)
            .await
            .unwrap()
            .tokens
            .unwrap()
            .refresh_token;
    }
    fixture
        .clock
        .set(begun + SignedDuration::from_hours(90 * 24));
    assert_eq!(
        reason(fixture.refresh(&token).await),
        "INVALID_REFRESH_TOKEN"
    );
}

#[tokio::test]
async fn a_made_up_token_ends_nobodys_session() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await;
    let mut made_up = owner.refresh_token.clone();
    let last = if made_up.ends_with('A') { 'B' } else { 'A' };
    let random = made_up.len() - 20;
    made_up.replace_range(random..=random, &last.to_string());
    for token in [
        made_up.as_str(),
        "",
        "vxr_",
        "nonsense",
        &owner.access_token,
    ] {
        assert_eq!(
            reason(fixture.refresh(token).await),
            "INVALID_REFRESH_TOKEN",
            "{token}"
        );
    }
    assert!(fixture.refresh(&owner.refresh_token).await.is_ok());
}

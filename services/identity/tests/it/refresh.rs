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
    let next = next(&fixture, &stolen).await;
    // Longer than tabs of one browser need.
    later(&fixture, 11);
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
async fn two_tabs_that_refresh_at_once_stay_signed_in() {
    let fixture = Fixture::start().await;
    let token = fixture.owner("lee@acme.example").await.refresh_token;
    let outcomes = tokio::join!(fixture.refresh(&token), fixture.refresh(&token));
    let one = outcomes.0.unwrap().tokens.unwrap().refresh_token;
    let other = outcomes.1.unwrap().tokens.unwrap().refresh_token;
    assert_ne!(one, other);
    // The browser keeps either; both go on at the same moment once more.
    later(&fixture, 900);
    let outcomes = tokio::join!(fixture.refresh(&one), fixture.refresh(&other));
    assert!(outcomes.0.is_ok() && outcomes.1.is_ok());
    // What is left of the exchange before is evidence of a copy.
    later(&fixture, 11);
    assert_eq!(reason(fixture.refresh(&other).await), "SESSION_REVOKED");
}

#[tokio::test]
async fn a_used_token_is_worth_nothing_once_its_successor_was_used() {
    let fixture = Fixture::start().await;
    let first = fixture.owner("lee@acme.example").await.refresh_token;
    let second = next(&fixture, &first).await;
    let third = next(&fixture, &second).await;
    // Within the same second, even.
    assert_eq!(reason(fixture.refresh(&first).await), "SESSION_REVOKED");
    assert_eq!(reason(fixture.refresh(&third).await), "SESSION_REVOKED");
}

#[tokio::test]
async fn a_copy_that_was_taken_in_the_moment_of_a_refresh_does_not_last() {
    let fixture = Fixture::start().await;
    let token = fixture.owner("lee@acme.example").await.refresh_token;
    let owners = next(&fixture, &token).await;
    let thiefs = next(&fixture, &token).await;
    later(&fixture, 900);
    let owners = next(&fixture, &owners).await;
    later(&fixture, 900);
    assert_eq!(reason(fixture.refresh(&thiefs).await), "SESSION_REVOKED");
    assert_eq!(reason(fixture.refresh(&owners).await), "SESSION_REVOKED");
}

#[tokio::test]
async fn one_token_gives_a_handful_of_successors_at_most() {
    let fixture = Fixture::start().await;
    let token = fixture.owner("lee@acme.example").await.refresh_token;
    for _ in 0..16 {
        next(&fixture, &token).await;
    }
    assert_eq!(reason(fixture.refresh(&token).await), "SESSION_REVOKED");
}

#[tokio::test]
async fn another_session_of_the_same_user_goes_on() {
    let fixture = Fixture::start().await;
    let first = fixture.owner("lee@acme.example").await.refresh_token;
    let second = fixture
        .login("lee@acme.example", crate::fixture::PASSWORD)
        .await
        .unwrap();
    next(&fixture, &first).await;
    later(&fixture, 11);
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
async fn a_session_of_many_days_keeps_few_tokens_and_knows_the_first() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await;
    let mut token = owner.refresh_token.clone();
    let mut used = Vec::new();
    for _ in 0..40 {
        used.push(token.clone());
        token = next(&fixture, &token).await;
        later(&fixture, 3 * 3600);
    }
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM identity.refresh_token")
        .fetch_one(&mut fixture.database.owner().await)
        .await
        .unwrap();
    assert!((8..12).contains(&count), "a day's: {count}");
    // What was changed of a forgotten one was never made here, and says nothing of a theft.
    for place in [50, 60, 80] {
        let mut made_up = used[0].clone();
        let other = if made_up.as_bytes()[place] == b'A' {
            "B"
        } else {
            "A"
        };
        made_up.replace_range(place..=place, other);
        let refused = fixture.refresh(&made_up).await;
        assert_eq!(reason(refused), "INVALID_REFRESH_TOKEN", "{place}");
    }
    token = next(&fixture, &token).await;
    assert_eq!(reason(fixture.refresh(&used[0]).await), "SESSION_REVOKED");
    assert_eq!(reason(fixture.refresh(&token).await), "SESSION_REVOKED");
    assert_eq!(reason(fixture.refresh(&used[1]).await), "SESSION_REVOKED");
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

async fn next(fixture: &Fixture, token: &str) -> String {
    let answer = fixture.refresh(token).await.expect("the session goes on");
    answer.tokens.expect("tokens").refresh_token
}

fn later(fixture: &Fixture, seconds: i64) {
    let at = fixture.clock.now() + SignedDuration::from_secs(seconds);
    fixture.clock.set(at);
}

//! A token has an end, also in the cache, and one place where it is read.

use axum::http::{Method, header};
use jiff::SignedDuration;
use serde_json::json;
use voxanne_clock::Clock;

use super::{booking, with_token};
use crate::api::fixture::{Behind, OPERATOR, Person, reply, sign};

#[tokio::test]
async fn a_cached_token_ends_like_any_other() {
    let clock = Clock::fixed(Clock::system().now());
    let behind = Behind {
        clock: clock.clone(),
        ..Behind::booking(booking())
    };
    let api = behind.start().await;
    let person = Person::new("owner");
    let mut claims = person.claims();
    let begun = clock.now();
    claims["iat"] = json!(begun.as_second());
    claims["exp"] = json!(begun.as_second() + 20);
    let token = sign(&claims);
    for _ in 0..2 {
        assert_eq!(with_token(&api, person.org, &token).await.status, 200);
    }
    // Clocks may differ by 5 seconds.
    clock.set(begun + SignedDuration::from_secs(24));
    assert_eq!(with_token(&api, person.org, &token).await.status, 200);
    clock.set(begun + SignedDuration::from_secs(25));
    let got = with_token(&api, person.org, &token).await;
    assert_eq!(got.problem(), (401, "TOKEN_EXPIRED".to_owned()));
}

#[tokio::test]
async fn a_token_from_a_clock_that_is_ahead_waits_for_its_time() {
    let clock = Clock::fixed(Clock::system().now());
    let behind = Behind {
        clock: clock.clone(),
        ..Behind::booking(booking())
    };
    let api = behind.start().await;
    let person = Person::new("owner");
    for field in ["nbf", "iat"] {
        let begun = clock.now();
        let token = |ahead: i64| {
            let mut claims = person.claims();
            claims["iat"] = json!(begun.as_second());
            claims["exp"] = json!(begun.as_second() + 600);
            claims[field] = json!(begun.as_second() + ahead);
            sign(&claims)
        };
        // Clocks may differ by 5 seconds.
        let got = with_token(&api, person.org, &token(5)).await;
        assert_eq!(got.status, 200, "{field}: {got:?}");
        let early = token(6);
        let got = with_token(&api, person.org, &early).await;
        assert_eq!(got.problem(), (401, "TOKEN_INVALID".to_owned()), "{field}");
        clock.set(begun + SignedDuration::from_secs(1));
        let got = with_token(&api, person.org, &early).await;
        assert_eq!(got.status, 200, "{field}: {got:?}");
    }
}

#[tokio::test]
async fn a_token_is_read_from_the_header_alone() {
    let api = Behind::booking(booking()).start().await;
    let person = Person::new("owner");
    let token = person.token();
    let path = person.path("/providers");
    let get = |path: &str| api.request(Method::GET, path);
    let in_query = [
        format!("{path}?access_token={token}"),
        format!("{path}?token={token}"),
        format!("{path}?authorization=Bearer%20{token}"),
    ];
    let cookie = format!("access_token={token}; token={token}; vox_refresh={token}");
    let mut requests: Vec<_> = in_query.iter().map(|path| get(path)).collect();
    requests.extend([
        get(&path),
        get(&path).header(header::COOKIE, cookie),
        get(&path).header("X-Access-Token", &token),
        get(&path).header(header::PROXY_AUTHORIZATION, format!("Bearer {token}")),
        get(&path).header(header::AUTHORIZATION, &token),
        get(&path).header(header::AUTHORIZATION, format!("Basic {token}")),
        get(&path).header(header::AUTHORIZATION, format!("Token {token}")),
        get(&path).bearer_auth(&token).bearer_auth(&token),
        api.request(Method::POST, &person.path("/patients"))
            .form(&[("access_token", &token)]),
    ]);
    for request in requests {
        let shown = format!("{request:?}");
        let got = reply(request).await;
        assert_eq!(got.problem(), (401, "TOKEN_MISSING".to_owned()), "{shown}");
        assert!(!got.text.contains(&token), "{shown}");
    }
}

#[tokio::test]
async fn no_number_of_bad_tokens_fills_the_cache() {
    let api = Behind::booking(booking()).start().await;
    let person = Person::new("owner");
    let good = person.token();
    assert_eq!(with_token(&api, person.org, &good).await.status, 200);
    let (start, _) = good.rsplit_once('.').expect("three parts");
    let tries = futures_util::future::join_all((0..300).map(|number| {
        let forged = format!("{start}.{number:086}");
        let (api, org) = (&api, person.org);
        async move { with_token(api, org, &forged).await.status }
    }));
    assert_eq!(tries.await, vec![401; 300]);
    // Larger than a header may be: refused before it is read as a token.
    let huge = with_token(&api, person.org, &"x".repeat(64 * 1024)).await;
    assert!([401, 431].contains(&huge.status), "{}", huge.status);
    let stats = api.request(Method::GET, "/api/internal/auth-cache-stats");
    let stats = reply(stats.bearer_auth(OPERATOR)).await.json();
    assert_eq!(stats["size"], 1, "{stats}");
}

//! An external issuer's keys come and go, and so does the issuer.

use std::time::Instant;

use axum::http::StatusCode;
use futures_util::future::join_all;
use jsonwebtoken::Algorithm;
use voxanne_testkit::eventually;

use super::super::{booking, fetches::most_since, with_token};
use super::external::{AUTHENTICATED, Page, SUPABASE, beside_page, supabase_claims, token};
use crate::{
    api::fixture::{Api, Behind, Person, address, jwk, private},
    fake::nowhere,
};

/// A token that the issuer gave `person`, under the key made from `seed`.
fn signed(person: &Person, id: &str, seed: u8) -> String {
    let claims = supabase_claims(person);
    token(&private(seed), Algorithm::EdDSA, Some(id), &claims)
}

async fn status(api: &Api, person: &Person, token: &str) -> u16 {
    with_token(api, person.org, token).await.status
}

/// A gateway that has read the issuer's first key, for which `known` is a token of `person`.
async fn heard(page: &Page, person: &Person, known: &str) -> Api {
    let api = beside_page(page, (SUPABASE, AUTHENTICATED)).await;
    eventually("the issuer's keys are fetched", || async {
        status(&api, person, known).await == 200
    })
    .await;
    api
}

#[tokio::test]
async fn an_issuers_new_key_is_learnt_and_a_dropped_one_takes_its_tokens_along() {
    let person = Person::new("staff");
    let (old, new) = (signed(&person, "ext-1", 9), signed(&person, "ext-2", 10));
    let page = Page::of(&[jwk("ext-1", 9)]);
    let api = heard(&page, &person, &old).await;
    assert_eq!(status(&api, &person, &new).await, 401);
    page.publish(&[jwk("ext-1", 9), jwk("ext-2", 10)]);
    eventually("the new key is learnt", || async {
        status(&api, &person, &new).await == 200
    })
    .await;
    assert_eq!(status(&api, &person, &old).await, 200, "both are published");
    // The old token lies verified in the cache, and its key is dropped.
    page.publish(&[jwk("ext-2", 10)]);
    eventually("the old key's tokens are refused", || async {
        // Anybody's unknown key makes the gateway look again.
        status(&api, &person, &signed(&person, "ext-3", 11)).await;
        status(&api, &person, &old).await == 401
    })
    .await;
    assert_eq!(status(&api, &person, &new).await, 200);
}

#[tokio::test]
async fn known_keys_stay_good_while_the_issuer_is_ill() {
    let person = Person::new("staff");
    let (known, new) = (signed(&person, "ext-1", 9), signed(&person, "ext-2", 10));
    let page = Page::of(&[jwk("ext-1", 9)]);
    let api = heard(&page, &person, &known).await;
    for (code, text) in [
        (StatusCode::INTERNAL_SERVER_ERROR, r#"{"keys":[]}"#),
        (StatusCode::OK, "<html>back soon</html>"),
    ] {
        page.say(code, text);
        let before = page.asked();
        eventually("the gateway has asked in vain", || async {
            assert_eq!(status(&api, &person, &new).await, 401, "{text}");
            page.asked() > before
        })
        .await;
        assert_eq!(status(&api, &person, &known).await, 200, "{text}");
        // Nobody has shown this one before.
        let other = Person::new("staff");
        let fresh = signed(&other, "ext-1", 9);
        assert_eq!(status(&api, &other, &fresh).await, 200, "{text}");
    }
    page.publish(&[jwk("ext-1", 9), jwk("ext-2", 10)]);
    eventually("the issuer is heard again", || async {
        status(&api, &person, &new).await == 200
    })
    .await;
}

#[tokio::test]
async fn an_issuer_that_never_answered_stops_nobody_elses_tokens() {
    let mut jwks_url = address(nowhere());
    jwks_url.set_path("/jwks");
    let behind = Behind {
        jwks_url: Some(jwks_url),
        external: (SUPABASE, AUTHENTICATED),
        ..Behind::booking(booking())
    };
    let api = behind.start().await;
    let person = Person::new("staff");
    let got = with_token(&api, person.org, &signed(&person, "ext-1", 9)).await;
    assert_eq!(got.problem(), (503, "UNAVAILABLE".to_owned()));
    assert_eq!(status(&api, &person, &person.token()).await, 200);
}

#[tokio::test]
async fn no_number_of_unknown_keys_keeps_the_issuer_busy() {
    let started = Instant::now();
    let person = Person::new("staff");
    let page = Page::of(&[jwk("ext-1", 9)]);
    let api = heard(&page, &person, &signed(&person, "ext-1", 9)).await;
    let tries = join_all((0..50).map(|number| {
        let forged = signed(&person, &format!("unknown-{number}"), 10);
        let (api, person) = (&api, &person);
        async move { status(api, person, &forged).await }
    }));
    assert_eq!(tries.await, vec![401; 50]);
    // The time is read last: whatever was counted happened before.
    let (count, most) = (page.asked(), most_since(started));
    assert!(count <= most, "{count} fetches where {most} are allowed");
}

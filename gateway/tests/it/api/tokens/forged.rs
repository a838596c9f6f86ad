//! Tokens that must not be accepted.

mod signatures;
mod times;
mod words;

use super::{booking, with_token};
use crate::api::fixture::{Behind, Person};

/// What is wrong with a token, the token, and the code that it is refused with.
type Forged = (String, String, &'static str);

#[tokio::test]
async fn no_forged_token_is_accepted() {
    let person = Person::new("owner");
    let mut tokens = signatures::wrong(&person);
    tokens.extend(times::wrong(&person));
    tokens.extend(words::wrong(&person));
    assert!(tokens.len() >= 100, "the table was read: {}", tokens.len());
    // A secret that is shared must not open what is closed without it.
    for secret in [None, Some("a secret of at least 32 characters")] {
        let behind = Behind {
            secret,
            ..Behind::booking(booking())
        };
        let api = behind.start().await;
        for (attack, token, code) in &tokens {
            let got = with_token(&api, person.org, token).await;
            assert_eq!(got.status, 401, "{attack}");
            assert_eq!(got.problem(), (401, (*code).to_owned()), "{attack}");
            assert_eq!(got.header("www-authenticate"), "Bearer", "{attack}");
        }
        let good = with_token(&api, person.org, &person.token()).await;
        assert_eq!(good.status, 200, "a good token is still accepted");
    }
}

/// The table proves nothing about tokens that would be refused for another reason.
#[tokio::test]
async fn what_the_forgers_start_from_is_accepted() {
    let person = Person::new("owner");
    let api = Behind::booking(booking()).start().await;
    for (what, token) in words::right(&person)
        .into_iter()
        .chain(times::right(&person))
    {
        let got = with_token(&api, person.org, &token).await;
        assert_eq!(got.status, 200, "{what}: {got:?}");
    }
}

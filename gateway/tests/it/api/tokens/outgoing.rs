//! No token makes the gateway call anybody.

use std::io::ErrorKind;

use jsonwebtoken::{Algorithm, Header};
use serde_json::json;

use super::{booking, with_token};
use crate::api::fixture::{Behind, Person, jwk, private, sign_text};

#[tokio::test]
async fn nobody_is_asked_for_the_key_that_a_token_points_at() {
    let trap = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    trap.set_nonblocking(true).expect("a socket");
    let place = trap.local_addr().expect("an address");
    let url = format!("http://{place}/jwks");
    let api = Behind::booking(booking()).start().await;
    let person = Person::new("owner");
    let claims = person.claims();
    let mut heads = vec![
        json!({ "alg": "EdDSA", "kid": url, "typ": "JWT" }),
        json!({ "alg": "EdDSA", "kid": "mine", "jwk": jwk("mine", 9), "jku": url }),
    ];
    for name in ["jku", "x5u", "x5c", "jwk", "x5t"] {
        for value in [json!(url), json!([url]), json!({ "url": url })] {
            heads.push(json!({ "alg": "EdDSA", "kid": "mine", name: value }));
        }
    }
    for head in heads {
        let token = sign_text(&head.to_string(), &claims.to_string());
        let got = with_token(&api, person.org, &token).await;
        assert_eq!(got.problem(), (401, "TOKEN_INVALID".to_owned()), "{head}");
    }
    // An issuer that is called like an address is not visited either.
    let mut claims = claims;
    claims["iss"] = json!(url);
    let header = Header {
        kid: Some("mine".to_owned()),
        jku: Some(url.clone()),
        ..Header::new(Algorithm::EdDSA)
    };
    let token = jsonwebtoken::encode(&header, &claims, &private(9)).expect("claims encode");
    assert_eq!(with_token(&api, person.org, &token).await.status, 401);
    let untouched = trap.accept().expect_err("nobody came");
    assert_eq!(untouched.kind(), ErrorKind::WouldBlock);
    // The trap works.
    let _caller = std::net::TcpStream::connect(place).expect("it listens");
    let caught = || async { trap.accept().is_ok() };
    voxanne_testkit::eventually("a caller is caught", caught).await;
}

//! Every issuer signs with its own keys, for its own audience and in its own name.

mod changes;
mod external;

use axum::http::Method;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;
use voxanne_testkit::eventually;

use self::external::{AUTHENTICATED, SUPABASE, beside, es256, secret, supabase_claims, token};
use super::with_token;
use crate::api::fixture::{AUDIENCE, ISSUER, KEY_ID, Person, jwk, private, reply};

#[tokio::test]
async fn supabase_tokens_are_accepted_as_they_are() {
    let (key, published) = es256("5c1b0c2e-8a57-4d2c-9f6e-1f0c1a2b3c4d");
    let id = published["kid"].as_str().expect("text").to_owned();
    let api = beside(vec![published], (SUPABASE, AUTHENTICATED)).await;
    let person = Person::new("staff");
    let claims = supabase_claims(&person);
    let new = token(&key, Algorithm::ES256, Some(&id), &claims);
    eventually("the issuer's keys are fetched", || async {
        with_token(&api, person.org, &new).await.status == 200
    })
    .await;
    let legacy = token(&secret(), Algorithm::HS256, None, &claims);
    for token in [&new, &legacy] {
        let got = with_token(&api, person.org, token).await;
        let expected = format!("{} user:{}", person.org, person.user);
        assert_eq!(got.json()["items"][0]["name"], expected);
    }
    // The session is the token's: it ends with it.
    api.sessions.revoke(person.org, person.session);
    eventually("the session has ended", || async {
        with_token(&api, person.org, &new).await.status == 401
    })
    .await;
    // The keys that Supabase hands out for servers and pages are nobody's.
    for role in ["service_role", "anon"] {
        let now = claims["iat"].as_i64().expect("a number");
        let key = json!({ "iss": "supabase", "ref": "project", "role": role, "iat": now,
            "exp": now + 10 * 365 * 86_400 });
        let token = token(&secret(), Algorithm::HS256, None, &key);
        let got = with_token(&api, person.org, &token).await;
        assert_eq!(got.problem(), (401, "TOKEN_INVALID".to_owned()), "{role}");
    }
}

#[tokio::test]
async fn a_signature_of_zeros_fits_no_curve() {
    let (_, published) = es256("p256");
    let api = beside(vec![published], (SUPABASE, AUTHENTICATED)).await;
    let person = Person::new("owner");
    let head = json!({ "alg": "ES256", "kid": "p256" }).to_string();
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let message = format!(
        "{}.{}",
        part(&head),
        part(&supabase_claims(&person).to_string())
    );
    for bytes in [vec![0; 64], vec![0; 0], vec![0; 63], vec![255; 64], {
        // r and s in DER, which is another form of signature.
        b"\x30\x06\x02\x01\x00\x02\x01\x00".to_vec()
    }] {
        let token = format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(&bytes));
        eventually("the key is known and the signature refused", || async {
            with_token(&api, person.org, &token).await.status == 401
        })
        .await;
    }
}

/// Who signs: a name, the key, its algorithm and name, and the issuer it belongs to.
type Signer = (
    &'static str,
    EncodingKey,
    Algorithm,
    Option<&'static str>,
    &'static str,
);

fn signers() -> [Signer; 5] {
    let (own, external) = (|| private(7), || private(9));
    let eddsa = Algorithm::EdDSA;
    [
        ("identity", own(), eddsa, Some(KEY_ID), ISSUER),
        ("external", external(), eddsa, Some("ext-1"), SUPABASE),
        (
            "external as identity's",
            external(),
            eddsa,
            Some(KEY_ID),
            SUPABASE,
        ),
        ("secret", secret(), Algorithm::HS256, None, SUPABASE),
        (
            "secret by name",
            secret(),
            Algorithm::HS256,
            Some("env-hs256"),
            SUPABASE,
        ),
    ]
}

/// A token by `signer` that says these.
fn said(signer: &Signer, person: &Person, issuer: &str, audience: &str) -> String {
    let (_, key, algorithm, id, home) = signer;
    let mut claims = match *home {
        ISSUER => person.claims(),
        _ => supabase_claims(person),
    };
    claims["iss"] = json!(issuer);
    claims["aud"] = json!(audience);
    claims["exp"] = json!(claims["iat"].as_i64().expect("a number") + 600);
    claims["sid"] = json!(person.session);
    token(key, *algorithm, *id, &claims)
}

/// All of who signs, in whose name and for whom: one combination for each key is a token.
#[tokio::test]
async fn nobody_signs_in_anothers_name() {
    // The external issuer has a key under the name of identity's.
    let secret_key = json!({ "kty": "oct", "kid": "o", "k": "AAAA" });
    let keys = vec![jwk("ext-1", 9), jwk(KEY_ID, 9), secret_key];
    let api = beside(keys, (SUPABASE, AUTHENTICATED)).await;
    let person = Person::new("staff");
    let [_, external, ..] = signers();
    let known = said(&external, &person, SUPABASE, AUTHENTICATED);
    eventually("the issuer's keys are fetched", || async {
        with_token(&api, person.org, &known).await.status == 200
    })
    .await;
    let homes = [(ISSUER, AUDIENCE), (SUPABASE, AUTHENTICATED)];
    for signer in signers() {
        for (issuer, audience) in [
            (ISSUER, AUDIENCE),
            (ISSUER, AUTHENTICATED),
            (SUPABASE, AUDIENCE),
            (SUPABASE, AUTHENTICATED),
        ] {
            let is_home = issuer == signer.4 && homes.contains(&(issuer, audience));
            let token = said(&signer, &person, issuer, audience);
            let got = with_token(&api, person.org, &token).await;
            let expected = if is_home { 200 } else { 401 };
            assert_eq!(
                got.status, expected,
                "{} as {issuer} for {audience}",
                signer.0
            );
        }
    }
    // A secret that was published opens nothing, nor does the secret under a key's name.
    for (key, id) in [
        (EncodingKey::from_secret(&[0, 0, 0]), "o"),
        (secret(), "ext-1"),
        (secret(), KEY_ID),
        (secret(), "o"),
    ] {
        let token = token(&key, Algorithm::HS256, Some(id), &supabase_claims(&person));
        assert_eq!(
            with_token(&api, person.org, &token).await.status,
            401,
            "{id}"
        );
    }
}

/// Where the external issuer is not told apart by name, identity's keys come first.
#[tokio::test]
async fn one_name_for_both_issuers_gives_nobody_identitys_keys() {
    let keys = vec![
        jwk("ext-1", 9),
        jwk(KEY_ID, 9),
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": "cut", "x": "!" }),
        json!(7),
    ];
    let api = beside(keys, (ISSUER, AUDIENCE)).await;
    let person = Person::new("staff");
    let external = token(
        &private(9),
        Algorithm::EdDSA,
        Some("ext-1"),
        &person.claims(),
    );
    eventually("the issuer's keys are fetched", || async {
        with_token(&api, person.org, &external).await.status == 200
    })
    .await;
    assert_eq!(
        with_token(&api, person.org, &person.token()).await.status,
        200
    );
    let borrowed = token(
        &private(9),
        Algorithm::EdDSA,
        Some(KEY_ID),
        &person.claims(),
    );
    let got = with_token(&api, person.org, &borrowed).await;
    assert_eq!(got.problem(), (401, "TOKEN_INVALID".to_owned()));
}

#[tokio::test]
async fn other_issuers_may_name_users_as_they_like() {
    let api = beside(
        vec![jwk("ext-1", 9)],
        ("https://tenant.auth0.test/", "voxanne-api"),
    )
    .await;
    let person = Person::new("staff");
    let mut claims = person.claims();
    for (name, value) in [
        ("iss", json!("https://tenant.auth0.test/")),
        (
            "aud",
            json!(["voxanne-api", "https://tenant.auth0.test/userinfo"]),
        ),
        ("sub", json!("auth0|5f7c8ec7c33c6c004bbafe82")),
        ("sid", json!("Yg0lTYQ5rhqnKvBzWmUn")),
    ] {
        claims[name] = value;
    }
    let token = token(&private(9), Algorithm::EdDSA, Some("ext-1"), &claims);
    eventually("the issuer's keys are fetched", || async {
        with_token(&api, person.org, &token).await.status == 200
    })
    .await;
    let path = person.path("/providers");
    let got = reply(api.request(Method::GET, &path).bearer_auth(&token)).await;
    let name = got.json()["items"][0]["name"]
        .as_str()
        .expect("text")
        .to_owned();
    assert!(name.contains(" user:usr_"), "{name}");
}

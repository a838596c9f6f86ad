//! An external issuer and its tokens.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::http::StatusCode;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use url::Url;
use voxanne_ids::OrgId;

use super::super::booking;
use crate::api::fixture::{Api, Behind, Person, address};

pub(super) const SUPABASE: &str = "https://project.supabase.test/auth/v1";
pub(super) const AUTHENTICATED: &str = "authenticated";
const SECRET: &str = "super-secret-jwt-token-with-at-least-32-characters-long";

/// What an issuer answers when it is asked for its keys, and how often it was asked.
#[derive(Clone)]
pub(super) struct Page {
    says: Arc<Mutex<(StatusCode, String)>>,
    asked: Arc<AtomicUsize>,
}

impl Page {
    /// A page of these keys.
    pub(super) fn of(keys: &[Value]) -> Self {
        let set = json!({ "keys": keys }).to_string();
        Self {
            says: Arc::new(Mutex::new((StatusCode::OK, set))),
            asked: Arc::new(AtomicUsize::new(0)),
        }
    }

    /// Has the issuer publish these keys and no others.
    pub(super) fn publish(&self, keys: &[Value]) {
        self.say(StatusCode::OK, &json!({ "keys": keys }).to_string());
    }

    /// Has the issuer answer anything.
    pub(super) fn say(&self, status: StatusCode, text: &str) {
        *self.says.lock().expect("one holder") = (status, text.to_owned());
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn answer(&self) -> (StatusCode, String) {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.says.lock().expect("one holder").clone()
    }
}

/// An issuer that publishes `keys`, and the gateway that accepts it beside identity.
pub(super) async fn beside(keys: Vec<Value>, external: (&'static str, &'static str)) -> Api {
    beside_page(&Page::of(&keys), external).await
}

/// The same with an issuer that may change what it publishes.
pub(super) async fn beside_page(page: &Page, external: (&'static str, &'static str)) -> Api {
    let (jwks_url, serving) = serve(page.clone()).await;
    let behind = Behind {
        jwks_url: Some(jwks_url),
        secret: Some(SECRET),
        external,
        ..Behind::booking(booking())
    };
    let api = behind.start().await;
    api.gateway.process.tasks.spawn(serving);
    api
}

async fn serve(page: Page) -> (Url, impl Future<Output = ()> + Send + 'static) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let mut url = address(listener.local_addr().expect("an address"));
    url.set_path("/jwks");
    let answer = move || std::future::ready(page.answer());
    let pages = axum::Router::new().route("/jwks", axum::routing::get(answer));
    let serving = axum::serve(listener, pages);
    (url, async move { serving.await.expect("pages are served") })
}

pub(super) fn token(
    key: &EncodingKey,
    algorithm: Algorithm,
    id: Option<&str>,
    claims: &Value,
) -> String {
    let header = Header {
        kid: id.map(str::to_owned),
        ..Header::new(algorithm)
    };
    jsonwebtoken::encode(&header, claims, key).expect("claims encode")
}

pub(super) fn secret() -> EncodingKey {
    EncodingKey::from_secret(SECRET.as_bytes())
}

/// What Supabase's tokens say once a hook or an administrator has set the metadata.
pub(super) fn supabase_claims(person: &Person) -> Value {
    let mut claims = person.claims();
    let now = claims["iat"].as_i64().expect("a number");
    claims.as_object_mut().expect("an object").remove("sid");
    for (name, value) in [
        ("iss", json!(SUPABASE)),
        ("aud", json!(AUTHENTICATED)),
        ("sub", json!(person.user.as_uuid())),
        ("session_id", json!(person.session.as_uuid())),
        ("exp", json!(now + 3600)),
        ("phone", json!("")),
        ("role", json!("authenticated")),
        ("aal", json!("aal1")),
        ("amr", json!([{ "method": "password", "timestamp": now }])),
        ("is_anonymous", json!(false)),
        (
            "user_metadata",
            json!({ "org_id": OrgId::new(), "role": "owner" }),
        ),
    ] {
        claims[name] = value;
    }
    let org = person.org.as_uuid();
    claims["app_metadata"] =
        json!({ "provider": "email", "providers": ["email"], "org_id": org, "role": "staff" });
    claims
}

/// The key pair that new Supabase projects sign with.
pub(super) fn es256(id: &str) -> (EncodingKey, Value) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let document = pair.to_pkcs8v1().expect("a document");
    let point = pair.public_key().as_ref().to_vec();
    let coordinate = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "key_ops": ["verify"],
        "kid": id, "x": coordinate(&point[1..33]), "y": coordinate(&point[33..]),
    });
    (EncodingKey::from_ec_der(document.as_ref()), jwk)
}

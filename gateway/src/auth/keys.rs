//! The keys that may sign tokens: identity's, a shared secret, and an external issuer's.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use jsonwebtoken::{
    Algorithm, DecodingKey, Header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk},
};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use tokio::{sync::Mutex, time::timeout};
use tokio_util::sync::CancellationToken;
use url::Url;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::GetJwksRequest;

use super::token::{self, Key};
use crate::{clients::Clients, config::Tokens};

/// The id of the key made from `JWT_SECRET`.
const SECRET_ID: &str = "env-hs256";
/// Anybody can send tokens with unknown key ids, so those cause at most one fetch in this time.
const FETCH_AT_MOST_EVERY: Duration = Duration::from_secs(2);
/// Keys that were dropped stop being accepted within this time.
const FETCH_EVERY: Duration = Duration::from_secs(300);
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);

type Known = HashMap<String, Arc<Key>>;

pub struct Keys {
    clients: Arc<Clients>,
    secret: Option<Arc<Key>>,
    external: Option<External>,
    fetched: RwLock<Fetched>,
    last_attempt: Mutex<Option<Instant>>,
}

/// RFC 7517, each key still unread.
#[derive(Deserialize)]
struct Published {
    keys: Vec<serde_json::Value>,
}

struct External {
    url: Url,
    http: reqwest::Client,
}

/// What was last heard; kept while the issuer is away.
#[derive(Default)]
struct Fetched {
    /// RFC 7517 JSON as identity gave it.
    own_text: Option<String>,
    own: Known,
    external: Option<Known>,
}

impl Keys {
    pub fn new(tokens: &Tokens, clients: Arc<Clients>) -> anyhow::Result<Self> {
        let external = match &tokens.jwks_url {
            None => None,
            Some(url) => Some(External {
                url: url.clone(),
                http: voxanne_resilience::http::client("voxanne-gateway", FETCH_TIMEOUT)?,
            }),
        };
        let secret = tokens.secret.as_ref().map(|secret| {
            Arc::new(Key {
                decoding: DecodingKey::from_secret(secret.expose_secret().as_bytes()),
                algorithm: Algorithm::HS256,
            })
        });
        Ok(Self {
            clients,
            secret,
            external,
            fetched: RwLock::default(),
            last_attempt: Mutex::default(),
        })
    }

    /// The key a token names, fetched when it is not known.
    pub(super) async fn find(&self, header: &Header) -> Result<Arc<Key>, Problem> {
        let Some(id) = header.kid.as_deref().filter(|id| *id != SECRET_ID) else {
            let none = || token::invalid("the token names no key");
            return self.secret.clone().ok_or_else(none);
        };
        if let Some(key) = self.known(id) {
            return Ok(key);
        }
        self.fetch().await;
        self.known(id).ok_or_else(|| {
            if self.has_heard() {
                token::invalid("the token's key is not known")
            } else {
                Problem::unavailable("no signing keys were fetched yet")
            }
        })
    }

    /// The public halves of identity's keys, as it publishes them.
    pub async fn published(&self) -> Result<String, Problem> {
        if let Some(text) = self.read(|fetched| fetched.own_text.clone()) {
            return Ok(text);
        }
        self.fetch().await;
        self.read(|fetched| fetched.own_text.clone())
            .ok_or_else(|| Problem::unavailable("no signing keys were fetched yet"))
    }

    /// Whether identity has told its keys since this process began.
    pub fn are_known(&self) -> bool {
        self.read(|fetched| fetched.own_text.is_some())
    }

    /// Keeps the keys fresh until `shutdown`.
    pub async fn follow(&self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            self.fetch().await;
            let wait = if self.has_heard() {
                FETCH_EVERY
            } else {
                FETCH_AT_MOST_EVERY
            };
            shutdown.run_until_cancelled(tokio::time::sleep(wait)).await;
        }
    }

    fn known(&self, id: &str) -> Option<Arc<Key>> {
        self.read(|fetched| {
            let external = || fetched.external.as_ref()?.get(id);
            fetched.own.get(id).or_else(external).cloned()
        })
    }

    fn has_heard(&self) -> bool {
        self.read(|fetched| {
            fetched.own_text.is_some() && (self.external.is_none() || fetched.external.is_some())
        })
    }

    async fn fetch(&self) {
        // Whoever waits here for another's fetch finds that it was a moment ago.
        let mut last = self.last_attempt.lock().await;
        if last.is_some_and(|at| at.elapsed() < FETCH_AT_MOST_EVERY) {
            return;
        }
        let own = async { timeout(FETCH_TIMEOUT, self.fetch_own()).await? };
        let (own, external) = tokio::join!(own, self.fetch_external());
        *last = Some(Instant::now());
        let mut fetched = self.fetched.write().unwrap_or_else(PoisonError::into_inner);
        match own {
            Ok((text, keys)) => {
                fetched.own_text = Some(text);
                fetched.own = keys;
            }
            Err(error) => tracing::warn!(error = format!("{error:#}"), "identity gave no keys"),
        }
        match external {
            Ok(None) => {}
            Ok(Some(keys)) => fetched.external = Some(keys),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the issuer gave no keys");
            }
        }
    }

    async fn fetch_own(&self) -> anyhow::Result<(String, Known)> {
        let identity = &self.clients.identity;
        let request = identity.system_request("jwks", GetJwksRequest {});
        let text = identity.client().get_jwks(request).await?.into_inner().jwks;
        let mut keys = keys_of(&text)?;
        keys.retain(|_, key| key.algorithm == Algorithm::EdDSA);
        Ok((text, keys))
    }

    async fn fetch_external(&self) -> anyhow::Result<Option<Known>> {
        let Some(External { url, http }) = &self.external else {
            return Ok(None);
        };
        let answer = http.get(url.clone()).send().await?.error_for_status()?;
        Ok(Some(keys_of(&answer.text().await?)?))
    }

    fn read<T>(&self, look: impl FnOnce(&Fetched) -> T) -> T {
        look(&self.fetched.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn keys_of(text: &str) -> anyhow::Result<Known> {
    let set: Published = serde_json::from_str(text).context("not a JWK set")?;
    let mut keys = Known::new();
    for jwk in set.keys {
        // An issuer may add a key of a kind that nobody here knows; its others stay good.
        let jwk: Jwk = match serde_json::from_value(jwk) {
            Ok(jwk) => jwk,
            Err(error) => {
                tracing::warn!(%error, "a published key cannot be read and is skipped");
                continue;
            }
        };
        let Some(id) = jwk.common.key_id.as_deref().filter(|id| *id != SECRET_ID) else {
            continue;
        };
        let Some(algorithm) = algorithm(&jwk) else {
            continue;
        };
        let decoding = match DecodingKey::from_jwk(&jwk) {
            Ok(decoding) => decoding,
            Err(error) => {
                tracing::warn!(%error, kid = id, "a published key is malformed and is skipped");
                continue;
            }
        };
        let key = Key {
            decoding,
            algorithm,
        };
        keys.insert(id.to_owned(), Arc::new(key));
    }
    Ok(keys)
}

/// The one algorithm of a public key; a published secret is none.
fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    let fallback = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(_) => Algorithm::EdDSA,
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P384 => {
            Algorithm::ES384
        }
        _ => return None,
    };
    match jwk.common.key_algorithm {
        None => Some(fallback),
        Some(named) => Algorithm::try_from(named).ok().filter(|named| {
            !matches!(
                named,
                Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512
            )
        }),
    }
}

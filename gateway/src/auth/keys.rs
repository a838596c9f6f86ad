//! The keys that may sign tokens, each for one issuer: identity's, an external issuer's, and the
//! secret that is shared with the external issuer.

mod key;
mod source;

use std::sync::Arc;

use jsonwebtoken::Algorithm;
use tokio_util::sync::CancellationToken;
use voxanne_problem::Problem;

pub(super) use self::key::Key;
use self::source::Source;
use super::token::{self, Shape};
use crate::{
    clients::Clients,
    config::{Issuer, Tokens},
};

pub struct Keys {
    own: Signer,
    external: Option<Signer>,
    secret: Option<Secret>,
}

/// An issuer that publishes its keys.
struct Signer {
    issuer: Arc<Rules>,
    source: Source,
}

/// A secret that an issuer signs with.
struct Secret {
    issuer: Arc<Rules>,
    id: String,
    key: Arc<Key>,
}

/// What tokens of one issuer must say.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) issuer: Issuer,
    pub(super) kind: Kind,
}

/// Whose tokens they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Own,
    External,
}

impl Keys {
    pub fn new(tokens: &Tokens, clients: Arc<Clients>) -> anyhow::Result<Self> {
        let rules = |issuer: &Issuer, kind| {
            let issuer = issuer.clone();
            Arc::new(Rules { issuer, kind })
        };
        let external = rules(&tokens.external, Kind::External);
        let publishes = tokens.jwks_url.clone().map(|url| {
            let issuer = external.clone();
            Source::url(url).map(|source| Signer { issuer, source })
        });
        if tokens.external.name == tokens.own.name && tokens.jwks_url.is_some() {
            tracing::warn!(
                "the external issuer has identity's name: give it its own in JWT_EXTERNAL_ISSUER"
            );
        }
        Ok(Self {
            own: Signer {
                issuer: rules(&tokens.own, Kind::Own),
                source: Source::identity(clients),
            },
            external: publishes.transpose()?,
            secret: tokens.secret.as_ref().map(|secret| Secret {
                issuer: external,
                id: tokens.secret_id.clone(),
                key: Arc::new(Key::of_secret(secret)),
            }),
        })
    }

    /// The key that a token names among those of the issuer that it names, fetched when it is not
    /// known; and what the issuer's tokens must say.
    pub(super) async fn find(&self, shape: &Shape) -> Result<(Arc<Key>, Arc<Rules>), Problem> {
        if shape.algorithm == Algorithm::HS256 {
            return self.secret_of(shape);
        }
        let Some(id) = shape.key_id.as_deref() else {
            return Err(token::invalid("the token names no key"));
        };
        let signers = || {
            let all = std::iter::once(&self.own).chain(&self.external);
            all.filter(|signer| signer.issuer.issuer.name == shape.issuer)
        };
        let known = || {
            let mut found = signers().map(|signer| Some((signer.source.known(id)?, signer)));
            found.find_map(|found| found.map(|(key, signer)| (key, signer.issuer.clone())))
        };
        if let Some(found) = known() {
            return Ok(found);
        }
        for signer in signers() {
            signer.source.fetch().await;
        }
        known().ok_or_else(|| {
            if signers().all(|signer| signer.source.has_heard()) {
                token::invalid("the token's issuer has no such key")
            } else {
                Problem::unavailable("no signing keys were fetched yet")
            }
        })
    }

    /// The public halves of identity's keys, as it publishes them.
    pub async fn published(&self) -> Result<String, Problem> {
        if let Some(text) = self.own.source.text() {
            return Ok(text);
        }
        self.own.source.fetch().await;
        let none = || Problem::unavailable("no signing keys were fetched yet");
        self.own.source.text().ok_or_else(none)
    }

    /// Whether identity has told its keys since this process began.
    pub fn are_known(&self) -> bool {
        self.own.source.has_heard()
    }

    /// Keeps the keys fresh until `shutdown`.
    pub async fn follow(&self, shutdown: CancellationToken) {
        let external = async {
            if let Some(signer) = &self.external {
                signer.source.follow(&shutdown).await;
            }
        };
        tokio::join!(self.own.source.follow(&shutdown), external);
    }

    fn secret_of(&self, shape: &Shape) -> Result<(Arc<Key>, Arc<Rules>), Problem> {
        let named = shape.key_id.as_deref();
        self.secret
            .as_ref()
            .filter(|secret| named.is_none_or(|id| id == secret.id))
            .filter(|secret| secret.issuer.issuer.name == shape.issuer)
            .map(|secret| (secret.key.clone(), secret.issuer.clone()))
            .ok_or_else(|| token::invalid("the token's issuer shares no such secret"))
    }
}

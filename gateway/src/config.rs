//! What the gateway is told by its environment.

use std::{fmt, net::SocketAddr, str::FromStr};

use axum::http::HeaderValue;
use secrecy::SecretString;
use url::Url;
use voxanne_runtime::{Env, Invalid};
use voxanne_tenant::Keys;

use crate::limits::Settings;

/// The key id of `JWT_SECRET` unless another is given.
const SECRET_ID: &str = "env-hs256";
const SHORTEST_SECRET: usize = 32;

#[derive(Clone, Debug)]
pub struct Config {
    pub http_addr: SocketAddr,
    /// Where browsers and providers reach this gateway.
    pub public_url: Url,
    pub upstreams: Upstreams,
    pub context_keys: Keys,
    /// Without Redis answers are remembered by Postgres alone.
    pub redis_url: Option<SecretString>,
    pub tokens: Tokens,
    /// Opens the routes for operators.
    pub operator_token: SecretString,
    pub vapi_webhook_secret: SecretString,
    /// Origins whose pages may call with credentials; `PUBLIC_URL`'s own unless set.
    pub allowed_origins: Origins,
    pub limits: Settings,
}

/// Where each service listens.
#[derive(Clone, Debug)]
pub struct Upstreams {
    pub identity: Url,
    pub booking: Url,
    pub notification: Url,
    pub voice_tooling: Url,
    pub realtime: Url,
}

/// Which access tokens are accepted.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Identity, whose keys come from itself.
    pub own: Issuer,
    /// Another issuer; the secret and the URL below are its own.
    pub external: Issuer,
    /// Accepts HS256 under the key id `secret_id`, or without a key id.
    pub secret: Option<SecretString>,
    pub secret_id: String,
    /// Where the external issuer publishes its public keys.
    pub jwks_url: Option<Url>,
}

/// Who issues tokens, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The claim `iss`.
    pub name: String,
    /// The claim `aud`, or one of them.
    pub audience: String,
}

impl Config {
    pub fn from_env(env: &Env) -> Result<Self, Invalid> {
        let mut read = env.reader();
        let http_addr = read.required("HTTP_ADDR");
        let public_url = read.required::<Url>("PUBLIC_URL");
        let identity = read.required("IDENTITY_URL");
        let booking = read.required("BOOKING_URL");
        let notification = read.required("NOTIFICATION_URL");
        let voice_tooling = read.required("VOICE_TOOLING_URL");
        let realtime = read.required("REALTIME_URL");
        let context_keys = read.required("INTERNAL_CONTEXT_KEYS");
        let redis_url = read.optional::<String>("REDIS_URL");
        let issuer = read.required::<String>("JWT_ISSUER");
        let audience = read.required::<String>("JWT_AUDIENCE");
        let external_issuer = read.optional::<String>("JWT_EXTERNAL_ISSUER");
        let external_audience = read.optional::<String>("JWT_EXTERNAL_AUDIENCE");
        let secret = read.optional::<SharedSecret>("JWT_SECRET");
        let secret_id = read.or("JWT_SECRET_KEY_ID", SECRET_ID.to_owned());
        let jwks_url = read.optional("JWT_JWKS_URL");
        let operator_token = read.required::<String>("OPERATOR_TOKEN");
        let vapi_webhook_secret = read.required::<String>("VAPI_WEBHOOK_SECRET");
        let allowed_origins = read.optional::<Origins>("ALLOWED_ORIGINS");
        let limits = Settings::read(&mut read);
        read.finish(|| {
            let public_url = public_url?;
            let own = Issuer {
                name: issuer?,
                audience: audience?,
            };
            Some(Self {
                http_addr: http_addr?,
                allowed_origins: allowed_origins?.unwrap_or_else(|| Origins::of(&public_url)),
                public_url,
                upstreams: Upstreams {
                    identity: identity?,
                    booking: booking?,
                    notification: notification?,
                    voice_tooling: voice_tooling?,
                    realtime: realtime?,
                },
                context_keys: context_keys?,
                redis_url: redis_url?.map(SecretString::from),
                tokens: Tokens {
                    external: Issuer {
                        name: external_issuer?.unwrap_or_else(|| own.name.clone()),
                        audience: external_audience?.unwrap_or_else(|| own.audience.clone()),
                    },
                    own,
                    secret: secret?.map(|SharedSecret(secret)| secret),
                    secret_id: secret_id?,
                    jwks_url: jwks_url?,
                },
                operator_token: operator_token?.into(),
                vapi_webhook_secret: vapi_webhook_secret?.into(),
                limits: limits?,
            })
        })
    }
}

/// A secret as long as the hash that is made with it (RFC 7518, 3.2); a shorter one can be guessed
/// from any token.
struct SharedSecret(SecretString);

impl FromStr for SharedSecret {
    type Err = ShortSecret;

    fn from_str(text: &str) -> Result<Self, ShortSecret> {
        if text.len() < SHORTEST_SECRET {
            return Err(ShortSecret);
        }
        Ok(Self(text.into()))
    }
}

#[derive(Clone, Copy, Debug)]
struct ShortSecret;

impl fmt::Display for ShortSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected at least 32 characters")
    }
}

impl std::error::Error for ShortSecret {}

/// Origins of pages, as browsers write them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins(Vec<HeaderValue>);

impl Origins {
    /// The origin of `url` alone.
    pub fn of(url: &Url) -> Self {
        let origin = url.origin().ascii_serialization();
        Self(HeaderValue::try_from(origin).into_iter().collect())
    }

    pub fn allows(&self, origin: &HeaderValue) -> bool {
        self.0.contains(origin)
    }

    pub fn as_slice(&self) -> &[HeaderValue] {
        &self.0
    }
}

impl FromStr for Origins {
    type Err = InvalidOrigins;

    fn from_str(text: &str) -> Result<Self, InvalidOrigins> {
        let mut origins = Vec::new();
        for part in text.split(',') {
            let url: Url = part.trim().parse().map_err(|_| InvalidOrigins)?;
            if !url.origin().is_tuple() {
                return Err(InvalidOrigins);
            }
            origins.extend(Self::of(&url).0);
        }
        Ok(Self(origins))
    }
}

/// The text is no list of origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidOrigins;

impl fmt::Display for InvalidOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected origins such as `https://app.example.com`, separated by commas")
    }
}

impl std::error::Error for InvalidOrigins {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port() {
        let origins: Origins = "https://a.example, http://b.example:3000/".parse().unwrap();
        for (origin, allowed) in [
            ("https://a.example", true),
            ("http://b.example:3000", true),
            ("http://a.example", false),
            ("https://a.example.evil.example", false),
            ("null", false),
        ] {
            assert_eq!(
                origins.allows(&HeaderValue::from_static(origin)),
                allowed,
                "{origin}"
            );
        }
        assert_eq!("*".parse::<Origins>(), Err(InvalidOrigins));
        assert_eq!("data:text/plain,x".parse::<Origins>(), Err(InvalidOrigins));
    }

    fn environment<'a>(more: &[(&'a str, &'a str)]) -> Env {
        let nowhere = "http://127.0.0.1:1";
        let mut pairs = vec![
            ("HTTP_ADDR", "127.0.0.1:0"),
            ("PUBLIC_URL", "http://clinic.test"),
            ("IDENTITY_URL", nowhere),
            ("BOOKING_URL", nowhere),
            ("NOTIFICATION_URL", nowhere),
            ("VOICE_TOOLING_URL", nowhere),
            ("REALTIME_URL", nowhere),
            (
                "INTERNAL_CONTEXT_KEYS",
                "test:dGVzdHMgc2hhcmUgdGhpcyBrZXkgb2YgMzIgYnl0ZXM=",
            ),
            ("JWT_ISSUER", "identity"),
            ("JWT_AUDIENCE", "voxanne"),
            ("OPERATOR_TOKEN", "test"),
            ("VAPI_WEBHOOK_SECRET", "test"),
        ];
        pairs.extend(more);
        Env::from_pairs(pairs)
    }

    #[test]
    fn the_external_issuer_has_a_name_of_its_own_or_identitys() {
        let tokens = |more: &[(&str, &str)]| Config::from_env(&environment(more)).unwrap().tokens;
        let alone = tokens(&[]);
        assert_eq!(alone.own, alone.external);
        assert_eq!(alone.secret_id, "env-hs256");
        let both = tokens(&[
            ("JWT_EXTERNAL_ISSUER", "https://project.supabase.co/auth/v1"),
            ("JWT_EXTERNAL_AUDIENCE", "authenticated"),
        ]);
        assert_eq!(both.own, alone.own);
        assert_eq!(both.external.name, "https://project.supabase.co/auth/v1");
        assert_eq!(both.external.audience, "authenticated");
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        let short = [("JWT_SECRET", "thirty-one characters are a few")];
        let invalid = Config::from_env(&environment(&short)).unwrap_err();
        assert_eq!(invalid.names().collect::<Vec<_>>(), ["JWT_SECRET"]);
        let long = [("JWT_SECRET", "thirty-two characters are enough")];
        assert!(Config::from_env(&environment(&long)).is_ok());
    }

    #[test]
    fn every_bad_variable_is_named_at_once() {
        let env = Env::from_pairs([("HTTP_ADDR", "here"), ("ALLOWED_ORIGINS", "*")]);
        let invalid = Config::from_env(&env).unwrap_err();
        let names: Vec<_> = invalid.names().collect();
        assert!(names.contains(&"HTTP_ADDR") && names.contains(&"ALLOWED_ORIGINS"));
        assert!(names.contains(&"OPERATOR_TOKEN") && names.contains(&"JWT_ISSUER"));
    }
}

//! What the gateway is told by its environment.

use std::{fmt, net::SocketAddr, str::FromStr};

use axum::http::HeaderValue;
use secrecy::SecretString;
use url::Url;
use voxanne_runtime::{Env, Invalid};
use voxanne_tenant::Keys;

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

/// Which access tokens are accepted besides the ones that identity signs.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub issuer: String,
    pub audience: String,
    /// Accepts HS256 under the key id `env-hs256`, or without a key id.
    pub secret: Option<SecretString>,
    /// Public keys of an external issuer.
    pub jwks_url: Option<Url>,
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
        let issuer = read.required("JWT_ISSUER");
        let audience = read.required("JWT_AUDIENCE");
        let secret = read.optional::<String>("JWT_SECRET");
        let jwks_url = read.optional("JWT_JWKS_URL");
        let operator_token = read.required::<String>("OPERATOR_TOKEN");
        let vapi_webhook_secret = read.required::<String>("VAPI_WEBHOOK_SECRET");
        let allowed_origins = read.optional::<Origins>("ALLOWED_ORIGINS");
        read.finish(|| {
            let public_url = public_url?;
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
                    issuer: issuer?,
                    audience: audience?,
                    secret: secret?.map(SecretString::from),
                    jwks_url: jwks_url?,
                },
                operator_token: operator_token?.into(),
                vapi_webhook_secret: vapi_webhook_secret?.into(),
            })
        })
    }
}

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

    #[test]
    fn every_bad_variable_is_named_at_once() {
        let env = Env::from_pairs([("HTTP_ADDR", "here"), ("ALLOWED_ORIGINS", "*")]);
        let invalid = Config::from_env(&env).unwrap_err();
        let names: Vec<_> = invalid.names().collect();
        assert!(names.contains(&"HTTP_ADDR") && names.contains(&"ALLOWED_ORIGINS"));
        assert!(names.contains(&"OPERATOR_TOKEN") && names.contains(&"JWT_ISSUER"));
    }
}

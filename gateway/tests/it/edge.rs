//! A gateway with stand-ins behind it.

use std::net::SocketAddr;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use url::Url;
use voxanne_clock::Clock;
use voxanne_gateway::{Config, Issuer, Tokens, Upstreams, limits::Settings, serve};
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_testkit::{Running, keys, start};

use crate::fake::{
    event_log::EventLog, identity::Identity, notification::Notification, nowhere, voice::Voice,
};

pub(crate) const VAPI_SECRET: &str = "vapi-secret";
pub(crate) const ORIGIN: &str = "https://clinic.example";
const TOKEN_SECRET: &str = "a secret that only tests share with one another";

pub(crate) struct Edge {
    pub(crate) gateway: Running,
    pub(crate) identity: Identity,
    pub(crate) events: EventLog,
    pub(crate) voice: Voice,
    pub(crate) notification: Notification,
    urls: Upstreams,
    _upstreams: Vec<Running>,
}

impl Edge {
    pub(crate) async fn start() -> Self {
        Self::without(&[]).await
    }

    pub(crate) async fn limited(limits: Settings) -> Self {
        Self::build(&[], limits).await
    }

    /// A gateway that does not reach the services called `away`.
    pub(crate) async fn without(away: &[&str]) -> Self {
        Self::build(away, Settings::default()).await
    }

    async fn build(away: &[&str], limits: Settings) -> Self {
        let identity = Identity::default();
        let events = EventLog::default();
        let voice = Voice::default();
        let notification = Notification::default();
        let upstreams = vec![
            identity.serve().await,
            events.serve().await,
            voice.serve().await,
            notification.serve().await,
        ];
        let url = |name: &str| {
            let known = upstreams.iter().find(|one| one.process.service == name);
            let there = known.filter(|_| !away.contains(&name));
            address(there.map_or_else(nowhere, |one| one.grpc))
        };
        let urls = Upstreams {
            identity: url("identity"),
            booking: url("booking"),
            notification: url("notification"),
            voice_tooling: url("voice-tooling"),
            realtime: url("realtime"),
        };
        Self {
            gateway: gateway(urls.clone(), limits).await,
            identity,
            events,
            voice,
            notification,
            urls,
            _upstreams: upstreams,
        }
    }

    /// Another gateway before the same stand-ins.
    pub(crate) async fn replica(&self) -> Self {
        Self {
            gateway: gateway(self.urls.clone(), Settings::default()).await,
            identity: self.identity.clone(),
            events: self.events.clone(),
            voice: self.voice.clone(),
            notification: self.notification.clone(),
            urls: self.urls.clone(),
            _upstreams: Vec::new(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.gateway.grpc)
    }
}

async fn gateway(upstreams: Upstreams, limits: Settings) -> Running {
    let config = |http_addr| config(http_addr, upstreams, limits);
    start("gateway", Clock::system(), config, serve).await
}

fn config(http_addr: SocketAddr, upstreams: Upstreams, limits: Settings) -> Config {
    let issuer = Issuer {
        name: "tests".to_owned(),
        audience: "voxanne".to_owned(),
    };
    Config {
        http_addr,
        public_url: ORIGIN.parse().expect("a URL"),
        upstreams,
        context_keys: keys(),
        redis_url: None,
        tokens: Tokens {
            own: issuer.clone(),
            external: issuer,
            secret: Some(TOKEN_SECRET.into()),
            secret_id: "env-hs256".to_owned(),
            jwks_url: None,
        },
        operator_token: "operator".into(),
        vapi_webhook_secret: VAPI_SECRET.into(),
        allowed_origins: ORIGIN.parse().expect("an origin"),
        limits,
    }
}

fn address(addr: SocketAddr) -> Url {
    format!("http://{addr}").parse().expect("a URL")
}

/// Somebody who is signed in.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    pub(crate) org: OrgId,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
}

impl Person {
    pub(crate) fn of(org: OrgId) -> Self {
        Self {
            org,
            user: UserId::new(),
            session: SessionId::new(),
        }
    }

    /// An access token that is good for another `seconds`.
    pub(crate) fn token(&self, seconds: i64) -> String {
        let now = Clock::system().now().as_second();
        let claims = json!({
            "iss": "tests",
            "aud": "voxanne",
            "sub": self.user,
            "sid": self.session,
            "iat": now - 60,
            "exp": now + seconds,
            "app_metadata": { "org_id": self.org, "role": "staff" },
        });
        let key = EncodingKey::from_secret(TOKEN_SECRET.as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).expect("a token")
    }
}

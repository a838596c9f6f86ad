//! A gateway whose services answer what a test says.

mod person;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::http::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;
use voxanne_clock::Clock;
use voxanne_gateway::{Config, Issuer, Tokens, Upstreams, limits::Settings, serve};
use voxanne_proto::identity::v1::{GetJwksRequest, GetJwksResponse};
use voxanne_testkit::{Running, keys, start};

pub(crate) use self::person::{
    AUDIENCE, ISSUER, KEY_ID, Person, jwk, private, public, sign, sign_text,
};
use crate::fake::{Rpcs, api_keys::KnownKeys, nowhere, sessions::Sessions};

pub(crate) const OPERATOR: &str = "operator-token";
const ORIGIN: &str = "http://clinic.test";

/// What stands behind the gateway.
pub(crate) struct Behind {
    pub(crate) identity: Rpcs,
    pub(crate) booking: Option<Rpcs>,
    pub(crate) notification: Option<Rpcs>,
    pub(crate) voice_tooling: Option<Rpcs>,
    pub(crate) redis: Option<SecretString>,
    pub(crate) public_url: &'static str,
    pub(crate) secret: Option<&'static str>,
    /// Where an external issuer publishes its keys.
    pub(crate) jwks_url: Option<Url>,
    /// Its `iss` and `aud`; identity's unless a test says others.
    pub(crate) external: (&'static str, &'static str),
    pub(crate) sessions: Sessions,
    pub(crate) limits: Settings,
    /// What identity publishes.
    pub(crate) keys: Arc<Mutex<Vec<Value>>>,
    pub(crate) api_keys: KnownKeys,
    pub(crate) clock: Clock,
}

impl Default for Behind {
    /// An identity that publishes its key and no revocation, and nobody else.
    fn default() -> Self {
        Self::with(Sessions::default())
    }
}

impl Behind {
    /// The same over sessions that other gateways may know as well.
    pub(crate) fn with(sessions: Sessions) -> Self {
        let keys = Arc::new(Mutex::new(vec![jwk(KEY_ID, 7)]));
        let api_keys = KnownKeys::default();
        Self {
            identity: api_keys.serve(identity(&sessions, &keys)),
            booking: None,
            notification: None,
            voice_tooling: None,
            redis: None,
            public_url: ORIGIN,
            secret: None,
            jwks_url: None,
            external: (ISSUER, AUDIENCE),
            sessions,
            limits: Settings {
                // However busy the machine is, a Redis that is there counts.
                patience_ms: std::num::NonZeroU32::new(20_000).expect("more than none"),
                ..Settings::default()
            },
            keys,
            api_keys,
            clock: Clock::system(),
        }
    }

    pub(crate) fn booking(booking: Rpcs) -> Self {
        Self {
            booking: Some(booking),
            ..Self::default()
        }
    }

    pub(crate) async fn start(self) -> Api {
        let mut running = vec![self.identity.serve("identity").await];
        let mut urls = vec![address(running[0].grpc)];
        for (name, rpcs) in [
            ("booking", self.booking),
            ("notification", self.notification),
            ("voice-tooling", self.voice_tooling),
        ] {
            match rpcs {
                None => urls.push(address(nowhere())),
                Some(rpcs) => {
                    let service = rpcs.serve(name).await;
                    urls.push(address(service.grpc));
                    running.push(service);
                }
            }
        }
        let upstreams = Upstreams {
            identity: urls[0].clone(),
            booking: urls[1].clone(),
            notification: urls[2].clone(),
            voice_tooling: urls[3].clone(),
            realtime: address(nowhere()),
        };
        let (public_url, redis_url) = (self.public_url, self.redis);
        let (secret, jwks_url, external) = (self.secret, self.jwks_url, self.external);
        let limits = self.limits;
        let config = move |http_addr| Config {
            http_addr,
            public_url: public_url.parse().expect("a URL"),
            upstreams,
            context_keys: keys(),
            redis_url,
            tokens: Tokens {
                own: issuer(ISSUER, AUDIENCE),
                external: issuer(external.0, external.1),
                secret: secret.map(SecretString::from),
                secret_id: "env-hs256".to_owned(),
                jwks_url,
            },
            operator_token: OPERATOR.into(),
            vapi_webhook_secret: "vapi".into(),
            allowed_origins: ORIGIN.parse().expect("an origin"),
            limits,
        };
        Api {
            gateway: start("gateway", self.clock, config, serve).await,
            http: voxanne_resilience::http::client("test", Duration::from_secs(20))
                .expect("a client"),
            sessions: self.sessions,
            keys: self.keys,
            api_keys: self.api_keys,
            behind: running,
        }
    }
}

fn identity(sessions: &Sessions, keys: &Arc<Mutex<Vec<Value>>>) -> Rpcs {
    let keys = keys.clone();
    sessions.rpcs(Rpcs::default()).unary(
        "/voxanne.identity.v1.IdentityService/GetJwks",
        move |_: tonic::Request<GetJwksRequest>| {
            let jwks = json!({ "keys": *keys.lock().expect("one holder") }).to_string();
            async { Ok(GetJwksResponse { jwks }) }
        },
    )
}

fn issuer(name: &str, audience: &str) -> Issuer {
    Issuer {
        name: name.to_owned(),
        audience: audience.to_owned(),
    }
}

pub(crate) fn address(addr: SocketAddr) -> Url {
    format!("http://{addr}").parse().expect("a URL")
}

/// A gateway that runs, and a client of it.
pub(crate) struct Api {
    pub(crate) gateway: Running,
    http: reqwest::Client,
    pub(crate) sessions: Sessions,
    keys: Arc<Mutex<Vec<Value>>>,
    pub(crate) api_keys: KnownKeys,
    /// Identity first.
    pub(crate) behind: Vec<Running>,
}

/// An answer with a body in memory.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    /// Status and code, after checking that it is a problem like every other, or an outcome as FHIR
    /// tells them.
    pub(crate) fn problem(&self) -> (u16, String) {
        if self.header("content-type") == "application/fhir+json" {
            return (self.status, self.outcome()[0].2.clone());
        }
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        let body = self.json();
        assert_eq!(body["status"], self.status, "{body}");
        for field in ["type", "title", "detail", "requestId"] {
            assert!(
                body[field].as_str().is_some_and(|text| !text.is_empty()),
                "{body}"
            );
        }
        (
            self.status,
            body["code"].as_str().expect("a code").to_owned(),
        )
    }

    /// R4's kind, the parameter and the code of each issue of an outcome, after checking its shape.
    pub(crate) fn outcome(&self) -> Vec<(String, String, String)> {
        let body = self.json();
        assert_eq!(self.header("content-type"), "application/fhir+json");
        assert_eq!(body["resourceType"], "OperationOutcome", "{body}");
        let id = &body["extension"][0]["valueString"];
        assert!(id.as_str().is_some_and(|id| !id.is_empty()), "{body}");
        let issues = body["issue"].as_array().expect("issues");
        assert!(!issues.is_empty(), "{body}");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let mut told: Vec<_> = issues
            .iter()
            .map(|issue| {
                assert_eq!(issue["severity"], "error", "{issue}");
                text(&issue["details"]["text"]);
                let codes = issue["details"]["coding"].as_array().expect("codes");
                let place = issue["expression"][0].as_str().unwrap_or_default();
                let code = text(&codes.last().expect("a code")["code"]);
                (text(&issue["code"]), place.to_owned(), code)
            })
            .collect();
        told.sort();
        told
    }

    /// Field and code of every violation, sorted.
    pub(crate) fn errors(&self) -> Vec<(String, String)> {
        let body = self.json();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let errors = body["errors"].as_array().expect("errors");
        let mut errors: Vec<_> = errors
            .iter()
            .map(|error| (text(&error["field"]), text(&error["code"])))
            .collect();
        errors.sort();
        errors
    }
}

impl Api {
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("http://{}{path}", self.gateway.grpc))
    }

    /// A request of `person`.
    pub(crate) fn call(
        &self,
        person: &Person,
        method: Method,
        path: &str,
    ) -> reqwest::RequestBuilder {
        self.request(method, path).bearer_auth(person.token())
    }

    /// Has identity publish these keys and no others.
    pub(crate) fn publish(&self, keys: Vec<Value>) {
        *self.keys.lock().expect("one holder") = keys;
    }
}

pub(crate) async fn reply(request: reqwest::RequestBuilder) -> Reply {
    let response = request.send().await.expect("the gateway answers");
    Reply {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: response.text().await.expect("a body"),
    }
}

//! A running service, a clock that stands still, and callers of every kind.

use std::net::SocketAddr;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::Value;
use tonic::{Request, Status, transport::Channel};
use voxanne_clock::Clock;
use voxanne_identity::{Audience, Config, Cost, Smtp, serve};
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::{
    Device, GetJwksRequest, LoginRequest, RefreshRequest, RefreshResponse, SignUpRequest,
    SignUpResponse, credential_service_client::CredentialServiceClient,
    identity_service_client::IdentityServiceClient, session_service_client::SessionServiceClient,
};
use voxanne_tenant::{Caller, Outbound, Role, System, Tenant};
use voxanne_testkit::{Database, Running, keys, start};
use voxanne_vault::Keyring;

pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";

pub(crate) struct Fixture {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    pub(crate) running: Running,
    outbound: Outbound,
}

/// A user who signed up.
pub(crate) struct Owner {
    pub(crate) tenant: Tenant,
    pub(crate) refresh_token: String,
    pub(crate) access_token: String,
    pub(crate) session: SessionId,
}

/// What differs between tests.
pub(crate) struct Settings {
    /// Names of vault keys, the sealing one first.
    pub(crate) vault_keys: String,
    pub(crate) now: Timestamp,
    pub(crate) smtp: Option<Smtp>,
    /// Memory of a password's hash, in KiB.
    pub(crate) memory: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            vault_keys: "k1".to_owned(),
            now: "2026-03-02T09:00:00Z".parse().expect("a moment"),
            smtp: None,
            // As cheap as argon2 allows: the tests are about what is done with a hash.
            memory: 8,
        }
    }
}

impl Fixture {
    /// Actions and records of the organisation's audit log that begin with `about`, oldest first.
    pub(crate) async fn noted(&self, org: OrgId, about: &str) -> Vec<(String, Vec<uuid::Uuid>)> {
        let query = "SELECT action, records FROM audit.entry
                     WHERE org_id = $1 AND starts_with(action, $2) ORDER BY seq";
        sqlx::query_as(query)
            .bind(org)
            .bind(about)
            .fetch_all(&mut self.database.owner().await)
            .await
            .expect("a log")
    }

    pub(crate) async fn start() -> Self {
        Self::over(Database::fresh().await, "k1").await
    }

    /// The service with a mail server.
    pub(crate) async fn with_mail(smtp: Smtp) -> Self {
        let settings = Settings {
            smtp: Some(smtp),
            ..Settings::default()
        };
        Self::of(Database::fresh().await, settings).await
    }

    /// The service over `database` with vault keys of these names, the sealing one first.
    pub(crate) async fn over(database: Database, vault_keys: &str) -> Self {
        let now = "2026-03-02T09:00:00Z".parse().expect("a moment");
        Self::over_at(database, vault_keys, now).await
    }

    /// The same at another moment.
    pub(crate) async fn over_at(database: Database, vault_keys: &str, now: Timestamp) -> Self {
        let settings = Settings {
            vault_keys: vault_keys.to_owned(),
            now,
            ..Settings::default()
        };
        Self::of(database, settings).await
    }

    pub(crate) async fn of(database: Database, settings: Settings) -> Self {
        let Settings {
            vault_keys,
            now,
            smtp,
            memory,
        } = settings;
        let clock = Clock::fixed(now);
        let config = |grpc_addr| Config {
            smtp,
            password_cost: cost(memory),
            ..config(&database, &vault_keys, grpc_addr)
        };
        let running = start("identity", clock.clone(), config, serve).await;
        let outbound = Outbound::new(keys(), clock.clone(), "gateway", "identity");
        Self {
            database,
            clock,
            running,
            outbound,
        }
    }

    pub(crate) fn client(&self) -> IdentityServiceClient<Channel> {
        IdentityServiceClient::new(self.running.channel())
    }

    pub(crate) fn credentials(&self) -> CredentialServiceClient<Channel> {
        CredentialServiceClient::new(self.running.channel())
    }

    pub(crate) fn sessions(&self) -> SessionServiceClient<Channel> {
        SessionServiceClient::new(self.running.channel())
    }

    /// A call of the gateway itself.
    pub(crate) fn system<M>(&self, message: M) -> Request<M> {
        self.outbound
            .system_request(&System::new("gateway", "test"), message)
    }

    /// A call of the service called `from` itself.
    pub(crate) fn system_of<M>(&self, from: &'static str, message: M) -> Request<M> {
        Outbound::new(keys(), self.clock.clone(), from, "identity")
            .system_request(&System::new(from, "test"), message)
    }

    pub(crate) fn within<M>(&self, tenant: &Tenant, message: M) -> Request<M> {
        self.outbound.request(tenant, message)
    }

    pub(crate) async fn sign_up(&self, email: &str) -> Result<SignUpResponse, Box<Problem>> {
        let message = SignUpRequest {
            email: email.into(),
            password: PASSWORD.into(),
            clinic_name: "Acme Dental".into(),
            time_zone: "America/New_York".into(),
            device: None,
        };
        answer(self.client().sign_up(self.system(message)).await)
    }

    /// A clinic with a name of its own and its owner.
    pub(crate) async fn owner(&self, email: &str) -> Owner {
        let answer = self.sign_up(email).await.expect("the address is free");
        let tokens = answer.tokens.expect("tokens");
        let claims = self.claims(&tokens.access_token).await;
        let session = text(&claims["sid"]).parse().expect("a session id");
        let org = answer
            .org
            .expect("an organisation")
            .id
            .parse()
            .expect("an organisation id");
        let user = answer.user.expect("a user").id.parse().expect("a user id");
        Owner {
            tenant: member(org, user, session, Role::Owner),
            refresh_token: tokens.refresh_token,
            access_token: tokens.access_token,
            session,
        }
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Result<String, Box<Problem>> {
        let message = LoginRequest {
            email: email.into(),
            password: password.into(),
            device: Some(Device {
                address: "203.0.113.0/24".into(),
                user_agent: "Firefox on Linux".into(),
            }),
        };
        let answer = answer(self.client().login(self.system(message)).await)?;
        Ok(answer.tokens.expect("tokens").refresh_token)
    }

    pub(crate) async fn refresh(&self, token: &str) -> Result<RefreshResponse, Box<Problem>> {
        let message = RefreshRequest {
            refresh_token: token.into(),
        };
        answer(self.client().refresh(self.system(message)).await)
    }

    /// The claims of an access token that a published key has signed.
    pub(crate) async fn claims(&self, access_token: &str) -> Value {
        let answer = self
            .client()
            .get_jwks(self.system(GetJwksRequest {}))
            .await
            .expect("keys");
        let jwks: JwkSet = serde_json::from_str(&answer.into_inner().jwks).expect("a JWK set");
        let header = decode_header(access_token).expect("a JWT");
        assert_eq!(header.alg, Algorithm::EdDSA);
        let jwk = jwks
            .find(&header.kid.expect("a key id"))
            .expect("a published key");
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The fixture's clock stands still.
        validation.validate_exp = false;
        validation.set_audience(&["fleet"]);
        validation.set_issuer(&["https://voxanne.test"]);
        let key = DecodingKey::from_jwk(jwk).expect("an Ed25519 key");
        decode::<Value>(access_token, &key, &validation)
            .expect("a good signature")
            .claims
    }
}

/// Vault keys of these names; all are the same 32 bytes.
pub(crate) fn vault_keys(names: &str) -> Keyring {
    let key = |name: &str| format!("{name}:{}", BASE64_STANDARD.encode([7; 32]));
    let keys: Vec<_> = names.split(',').map(key).collect();
    keys.join(",").parse().expect("32 bytes in base64")
}

pub(crate) fn config(database: &Database, vault_keys_named: &str, grpc_addr: SocketAddr) -> Config {
    Config {
        grpc_addr,
        database_url: database.url("identity"),
        database_pool_size: 6,
        redis_url: None,
        context_keys: keys(),
        signing_keys: signing_keys(),
        audience: Audience {
            issuer: "https://voxanne.test".into(),
            audience: "fleet".into(),
        },
        vault_keys: vault_keys(vault_keys_named),
        public_url: "https://clinic.example".parse().expect("a URL"),
        smtp: None,
        password_cost: cost(8),
    }
}

const fn cost(memory: u32) -> Cost {
    Cost {
        memory,
        passes: 1,
        at_once: 2,
    }
}

fn signing_keys() -> voxanne_identity::SigningKeys {
    format!(
        "new:{},old:{}",
        BASE64_STANDARD.encode([2; 32]),
        BASE64_STANDARD.encode([1; 32])
    )
    .parse()
    .expect("two seeds of 32 bytes")
}

#[expect(clippy::disallowed_methods, reason = "tests stand in for the gateway")]
pub(crate) fn member(org: OrgId, user: UserId, session: SessionId, role: Role) -> Tenant {
    Tenant::authenticated(
        org,
        Caller::User {
            id: user,
            role,
            session,
        },
        "test",
    )
}

pub(crate) fn user(tenant: &Tenant) -> UserId {
    let Caller::User { id, .. } = tenant.caller() else {
        panic!("a user")
    };
    *id
}

/// Another member of `owner`'s clinic.
pub(crate) fn colleague(owner: &Tenant, role: Role) -> Tenant {
    member(owner.org(), UserId::new(), SessionId::new(), role)
}

pub(crate) fn answer<M>(outcome: Result<tonic::Response<M>, Status>) -> Result<M, Box<Problem>> {
    outcome
        .map(tonic::Response::into_inner)
        .map_err(|status| Box::new(status.into()))
}

pub(crate) fn reason<M>(outcome: Result<M, Box<Problem>>) -> String {
    outcome
        .err()
        .map_or_else(|| "OK".to_owned(), |problem| problem.reason.into_owned())
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

//! The service under test with everything around it.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, sync::DropGuard, task::TaskTracker};
use tonic::{Request, transport::Channel};
use voxanne_clock::Clock;
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_proto::voice_tooling::v1::{
    self as proto, GetAgentRequest, GetSyncRequest, SaveAgentRequest, Sync,
    voice_tooling_service_client::VoiceToolingServiceClient,
};
use voxanne_tenant::{Outbound, Tenant};
use voxanne_testkit::{Database, Running, eventually, keys, start};
use voxanne_voice_tooling::{Config, serve};

use crate::upstream::Upstream;

const KEY: &str = "platform-key";
const SECRET: &str = "webhook-secret";

pub(crate) struct Stage {
    pub(crate) db: Database,
    pub(crate) booking: Upstream,
    pub(crate) service: Running,
    pub(crate) outbound: Outbound,
    clock: Clock,
    vapi: String,
    http: Client,
    _sandbox: DropGuard,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let clock = Clock::fixed(now);
        let (vapi, sandbox) = sandbox().await;
        let db = Database::fresh().await;
        let booking = Upstream::start(clock.clone()).await;
        let service = replica(&db, &clock, &vapi, &booking).await;
        Self {
            outbound: Outbound::new(keys(), clock.clone(), "gateway", "voice-tooling"),
            http: Client::builder().no_proxy().build().unwrap(),
            db,
            booking,
            service,
            clock,
            vapi,
            _sandbox: sandbox,
        }
    }

    /// Another process of the service on the same database.
    pub(crate) async fn replica(&self) -> Running {
        replica(&self.db, &self.clock, &self.vapi, &self.booking).await
    }

    pub(crate) fn client(&self) -> VoiceToolingServiceClient<Channel> {
        VoiceToolingServiceClient::new(self.service.channel())
    }

    pub(crate) fn ask<M>(&self, tenant: &Tenant, message: M) -> Request<M> {
        self.outbound.request(tenant, message)
    }

    /// Saves an agent and answers what came back.
    pub(crate) async fn save(&self, tenant: &Tenant, draft: SaveAgentRequest) -> proto::Agent {
        let saved = self.client().save_agent(self.ask(tenant, draft)).await;
        saved.unwrap().into_inner().agent.unwrap()
    }

    pub(crate) async fn agent(&self, tenant: &Tenant) -> proto::Agent {
        let request = self.ask(tenant, GetAgentRequest {});
        let shown = self.client().get_agent(request).await.unwrap();
        shown.into_inner().agent.unwrap()
    }

    pub(crate) async fn sync(&self, tenant: &Tenant) -> Sync {
        let request = self.ask(tenant, GetSyncRequest {});
        let shown = self.client().get_sync(request).await.unwrap();
        shown.into_inner().sync.unwrap()
    }

    pub(crate) async fn eventually_live(&self, tenant: &Tenant) {
        eventually("the agent is live", || async {
            self.sync(tenant).await.state == "live"
        })
        .await;
    }

    /// An agent of which Vapi never hears: checking an assistant keeps the sandbox so busy that
    /// tests which need none of it would wait.
    pub(crate) async fn saved(&self, tenant: &Tenant) {
        self.fault("down", Value::Null).await;
        self.save(tenant, draft("Ava")).await;
    }

    /// A live agent.
    pub(crate) async fn live(&self, tenant: &Tenant) -> proto::Agent {
        self.save(tenant, draft("Ava")).await;
        self.eventually_live(tenant).await;
        self.agent(tenant).await
    }

    /// The agent's assistant as Vapi has it.
    pub(crate) async fn assistant(&self, tenant: &Tenant) -> Value {
        let id = self.agent(tenant).await.vapi_assistant_id;
        self.vapi(Method::GET, &format!("/assistant/{id}"), Value::Null)
            .await
    }

    /// Asks Vapi as its dashboard would.
    pub(crate) async fn vapi(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.vapi);
        let mut request = self.http.request(method, url).bearer_auth(KEY);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body = answer.json().await.unwrap_or_default();
        assert!(status.is_success(), "{path}: {status} {body}");
        body
    }

    pub(crate) async fn listed(&self, kind: &str) -> Vec<Value> {
        let path = format!("/{kind}?limit=1000");
        let listed = self.vapi(Method::GET, &path, Value::Null).await;
        listed.as_array().unwrap().clone()
    }

    pub(crate) async fn fault(&self, mode: &str, more: Value) {
        let mut fault = json!({"target": "vapi", "mode": mode});
        for (name, value) in more.as_object().into_iter().flatten() {
            fault[name] = value.clone();
        }
        self.vapi(Method::POST, "/_sandbox/faults", fault).await;
    }

    pub(crate) async fn mend(&self) {
        let url = format!("{}/_sandbox/faults", self.vapi);
        let answer = self.http.delete(url).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    /// Events of an organisation in order, with what they hold.
    pub(crate) async fn events(&self, org: OrgId) -> Vec<(String, Value)> {
        sqlx::query_as("SELECT type, data FROM events.event WHERE org_id = $1 ORDER BY seq")
            .bind(org)
            .fetch_all(&mut self.db.owner().await)
            .await
            .unwrap()
    }

    pub(crate) async fn event_kinds(&self, org: OrgId) -> Vec<String> {
        let events = self.events(org).await.into_iter();
        events.map(|(kind, _)| kind).collect()
    }

    /// Runs a statement as the owner of the tables.
    pub(crate) async fn execute(&self, statement: &'static str) {
        sqlx::query(statement)
            .execute(&mut self.db.owner().await)
            .await
            .unwrap();
    }
}

pub(crate) fn draft(name: &str) -> SaveAgentRequest {
    SaveAgentRequest {
        name: name.into(),
        system_prompt: "You answer the phone of a clinic.".into(),
        first_message: "Hello, how can I help?".into(),
        voice: Some(proto::Voice {
            provider: "11labs".into(),
            voice_id: "sarah".into(),
        }),
        model: Some(proto::Model {
            provider: "openai".into(),
            model: "gpt-4o".into(),
        }),
        language: "en-US".into(),
    }
}

/// What a refused call says.
pub(crate) fn reason<T: std::fmt::Debug>(
    outcome: Result<tonic::Response<T>, tonic::Status>,
) -> String {
    Problem::from(outcome.unwrap_err()).reason.into_owned()
}

async fn sandbox() -> (String, DropGuard) {
    let config = voxanne_sandbox::Config {
        vapi_private_key: KEY.to_owned(),
        ..voxanne_sandbox::Config::default()
    };
    let listener = TcpListener::bind(config.http_addr).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let stopped = stop.clone().cancelled_owned();
    TaskTracker::new().spawn(async move {
        voxanne_sandbox::serve(config, listener, stopped)
            .await
            .unwrap();
    });
    (url, stop.drop_guard())
}

async fn replica(db: &Database, clock: &Clock, vapi: &str, booking: &Upstream) -> Running {
    let config = |grpc_addr| Config {
        grpc_addr,
        database_url: db.url("voice-tooling"),
        database_pool_size: 6,
        redis_url: None,
        context_keys: keys(),
        booking_url: format!("http://{}", booking.addr),
        vapi_base_url: vapi.parse().unwrap(),
        vapi_private_key: KEY.into(),
        vapi_webhook_secret: SECRET.into(),
        webhook_url: "https://clinic.example/api/webhooks/vapi".parse().unwrap(),
    };
    start("voice-tooling", clock.clone(), config, serve).await
}

/// A second, for what must not take long.
pub(crate) const SOON: Duration = Duration::from_secs(1);

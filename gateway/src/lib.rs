#![doc = include_str!("../README.md")]

pub mod auth;
pub mod body;
pub mod clients;
mod config;
mod connections;
pub mod fhir;
mod headers;
pub mod idempotency;
pub mod limits;
mod measure;
pub mod openapi;
mod operations;
pub mod permissions;
mod refusals;
pub mod reply;
pub mod request_id;
mod router;
mod routes;
pub mod stream;
mod tenant;
pub mod webhooks;

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use utoipa::openapi::OpenApi;
use voxanne_events::{Ear, Redis};
use voxanne_idempotency::cache::Cache;
use voxanne_limits::Limiter;
use voxanne_runtime::{Need, Process};

pub use self::{
    auth::{Auth, Verified},
    clients::Clients,
    config::{Config, InvalidOrigins, Issuer, Origins, Tokens, Upstreams},
    refusals::Refusals,
    router::router,
};
use self::{body::Forms, connections::Server};

/// What every handler may use.
#[derive(Clone)]
pub struct App {
    pub config: Arc<Config>,
    pub clients: Arc<Clients>,
    pub auth: Arc<Auth>,
    /// Answers given under idempotency keys; Redis holds them sealed.
    pub answers: Cache,
    pub forms: Arc<Forms>,
    pub document: Arc<OpenApi>,
    pub sockets: Arc<stream::Sockets>,
    pub senders: Arc<webhooks::Senders>,
    pub limits: Arc<limits::Limits>,
    pub places: Arc<limits::Places>,
    pub refusals: Arc<Refusals>,
    pub process: Process,
}

impl App {
    /// Prepares everything and starts what runs beside the requests; it has to be called inside a
    /// Tokio runtime.
    pub fn new(config: Config, process: &Process) -> anyhow::Result<Self> {
        let clients = Arc::new(Clients::connect_lazy(&config, &process.clock)?);
        let redis = config
            .redis_url
            .as_ref()
            .map(Redis::connect_lazy)
            .transpose()
            .context("REDIS_URL is no address of a Redis")?;
        let ear = ear(redis.as_ref(), process);
        let auth = Arc::new(Auth::new(&config, &clients, ear, &process.clock)?);
        let connection = || redis.as_ref().map(Redis::connection);
        let patience = Duration::from_millis(config.limits.patience_ms.get().into());
        let limiter = Limiter::new(connection(), config.limits.replicas, patience);
        let answers = Cache::new(connection(), &config.context_keys);
        let limits = limits::Limits::new(&config, limiter, &process.clock);
        let places = limits::Places::new(config.limits.in_flight.get());
        let document = openapi::document();
        let sockets = stream::Sockets::new(clients.clone(), process);
        let refusals = Refusals::new(clients.clone(), process.tasks.clone());
        let app = Self {
            config: Arc::new(config),
            clients,
            auth,
            answers,
            forms: Arc::new(Forms::new(&document)),
            document: Arc::new(document),
            sockets: Arc::new(sockets),
            senders: Arc::default(),
            limits: Arc::new(limits),
            places: Arc::new(places),
            refusals: Arc::new(refusals),
            process: process.clone(),
        };
        app.follow(redis);
        Ok(app)
    }

    fn follow(&self, redis: Option<Redis>) {
        let process = &self.process;
        let (auth, shutdown) = (self.auth.clone(), process.shutdown.clone());
        process.spawn(
            "follow-keys",
            async move { auth.keys.follow(shutdown).await },
        );
        // Until identity has told its keys, every member would be turned away.
        self.require("signing-keys", |auth| auth.keys.are_known());
        let (auth, shutdown) = (self.auth.clone(), process.shutdown.clone());
        process.spawn("follow-revocations", async move {
            auth.revocations.follow(shutdown).await;
        });
        // Until it has told which sessions ended, members would get in who signed out.
        self.require("revocations", |auth| auth.revocations.are_known());
        self.clients.watch(process);
        let Some(redis) = redis else { return };
        let check = move || {
            let redis = redis.clone();
            async move { redis.is_up().await }
        };
        let readiness = process.readiness.clone();
        let watch = readiness.watch("redis", Need::Helpful, check, process.shutdown.clone());
        process.spawn("watch-redis", watch);
    }

    fn require(&self, name: &'static str, is_known: fn(&Auth) -> bool) {
        let (auth, process) = (self.auth.clone(), &self.process);
        let check = move || std::future::ready(is_known(&auth));
        let readiness = process.readiness.clone();
        let watch = readiness.watch(name, Need::Required, check, process.shutdown.clone());
        process.spawn(name, watch);
    }
}

/// Hears when something has ended; without Redis identity is asked instead.
fn ear(redis: Option<&Redis>, process: &Process) -> Ear {
    let stop = process.shutdown.clone();
    redis.map_or_else(Ear::deaf, |redis| {
        Ear::listen(redis, auth::BELL, &process.tasks, stop)
    })
}

/// Serves until the process stops.
pub async fn serve(config: Config, process: Process) -> anyhow::Result<()> {
    let listener = process.bind("http", config.http_addr).await?;
    let app = App::new(config, &process)?;
    let router = router(app);
    process.readiness.listen();
    let server = Server::new(router, connections::Limits::default());
    server.serve(listener, &process.shutdown).await;
    Ok(())
}

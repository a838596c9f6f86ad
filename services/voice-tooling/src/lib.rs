#![doc = include_str!("../README.md")]

mod agents;
mod booking;
mod calls;
mod config;
mod grpc;
mod page;
mod rights;
mod runs;
mod sync;
mod tools;
mod vapi;

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::sync::Notify;
use tonic::service::Routes;
use voxanne_clock::Clock;
use voxanne_events::{
    Doorbell, Log, Redis, Rings,
    consumer::{self, Source},
};
use voxanne_pg::Pool;
use voxanne_proto::voice_tooling::v1::voice_tooling_service_server::VoiceToolingServiceServer;
use voxanne_runtime::{Need, Process, serve_grpc};
use voxanne_tenant::Outbound;

pub use config::Config;

use booking::Booking;
use calls::forget::ForgetCalls;
use sync::reconcile::{Alarm, Reconciler};
use tools::Toolbox;
use vapi::Vapi;

/// The name its roles in Postgres go by.
const SERVICE: &str = "voice-tooling";
/// How often it is looked whether a patient was erased.
const POLL: Duration = Duration::from_secs(2);
/// A call's transcript may come in one message.
const LARGEST_MESSAGE: usize = 8 * 1024 * 1024;

/// The service.
#[derive(Clone)]
struct VoiceTooling {
    pool: Pool,
    log: Log,
    clock: Clock,
    toolbox: Arc<Toolbox>,
    booking: Booking,
    /// Wakes the reconciler.
    wake: Arc<Notify>,
}

/// Serves until the process stops.
pub async fn serve(config: Config, process: Process) -> anyhow::Result<()> {
    let size = config.database_pool_size;
    let pool =
        Pool::connect_lazy(&config.database_url, process.service, size).context("DATABASE_URL")?;
    watch_postgres(&process, &pool);
    let log = Log::new(doorbell(&config, &process)?);
    let toolbox = Arc::new(Toolbox::new(config.tools_base()));
    let wake = Arc::new(Notify::new());
    let client = voxanne_resilience::grpc_channel("booking", &config.booking_url)?;
    let keys = config.context_keys.clone();
    let outbound = Outbound::new(keys.clone(), process.clock.clone(), SERVICE, "booking");
    let service = VoiceTooling {
        pool: pool.clone(),
        log: log.clone(),
        clock: process.clock.clone(),
        toolbox: Arc::clone(&toolbox),
        booking: Booking::new(client, outbound),
        wake: Arc::clone(&wake),
    };
    forget_calls(&process, pool.clone(), log.clone());
    let shutdown = process.shutdown.clone();
    let reconciler = Arc::new(Reconciler {
        pool,
        log,
        clock: process.clock.clone(),
        toolbox,
        vapi: Vapi::new(
            config.vapi_base_url,
            config.vapi_private_key,
            shutdown.clone(),
        )?,
        keys: keys.clone(),
        webhook_url: config.webhook_url,
        webhook_secret: config.vapi_webhook_secret,
        wake,
        alarm: Alarm::default(),
    });
    process.spawn("auditor", Arc::clone(&reconciler).audit(shutdown.clone()));
    process.spawn("reconciler", reconciler.run(shutdown));
    let listener = process.bind("grpc", config.grpc_addr).await?;
    let server = VoiceToolingServiceServer::new(service).max_decoding_message_size(LARGEST_MESSAGE);
    serve_grpc(&process, listener, keys, Routes::new(server)).await
}

/// Nobody waits for it, so no ring is listened for.
fn forget_calls(process: &Process, pool: Pool, log: Log) {
    let consumer = ForgetCalls {
        clock: process.clock.clone(),
    };
    let source = Source {
        pool,
        rings: Rings::none(),
        log,
    };
    let stop = process.shutdown.clone();
    process.spawn("forget-calls", consumer::run(consumer, source, POLL, stop));
}

fn watch_postgres(process: &Process, pool: &Pool) {
    let pool = pool.clone();
    let is_up = move || {
        let pool = pool.clone();
        async move { pool.is_up().await }
    };
    let stop = process.shutdown.clone();
    let readiness = process.readiness.clone();
    let watching = readiness.watch("postgres", Need::Required, is_up, stop);
    process.spawn("watch-postgres", watching);
}

/// Rings through Redis when there is one.
fn doorbell(config: &Config, process: &Process) -> anyhow::Result<Doorbell> {
    let Some(url) = &config.redis_url else {
        return Ok(Doorbell::silent());
    };
    let redis = Redis::connect_lazy(url).context("REDIS_URL")?;
    let connection = redis.connection();
    let is_up = move || {
        let redis = redis.clone();
        async move { redis.is_up().await }
    };
    let stop = process.shutdown.clone();
    let readiness = process.readiness.clone();
    let watching = readiness.watch("redis", Need::Helpful, is_up, stop);
    process.spawn("watch-redis", watching);
    Ok(Doorbell::new(
        connection,
        &process.tasks,
        process.shutdown.clone(),
    ))
}

#![doc = include_str!("../README.md")]

mod bookings;
mod clinics;
mod config;
mod confirmations;
mod credentials;
mod delivery;
mod erasures;
mod grpc;
mod messages;
mod opt_outs;
mod rights;
mod twilio;

use std::{sync::Arc, time::Duration};

pub use config::{Config, Timing};
use tonic::service::Routes;
use voxanne_clock::Clock;
use voxanne_events::{
    Doorbell, Log, Redis, Rings,
    consumer::{self, Source},
};
use voxanne_pg::Pool;
use voxanne_proto::notification::v1::{
    credential_test_service_server::CredentialTestServiceServer,
    notification_service_server::NotificationServiceServer,
};
use voxanne_resilience::{Breakers, Tolerance, grpc_channel};
use voxanne_runtime::{Need, Process, serve_grpc};
use voxanne_tenant::Outbound;

use crate::{
    bookings::Bookings,
    clinics::Clinics,
    confirmations::Confirmations,
    credentials::Credentials,
    delivery::{
        Delivery,
        capacity::{Capacity, Wake},
        dispatch::{self, Dispatcher},
    },
    erasures::Erasures,
    grpc::{CredentialsGrpc, Grpc},
    messages::recent::Recent,
    twilio::Twilio,
};

/// How often the event log is read when nothing rings.
const POLL: Duration = Duration::from_millis(250);
/// The same for what nobody waits for.
const UNHURRIED_POLL: Duration = Duration::from_secs(2);
/// Clinics whose Twilio account is in trouble at one time.
const BREAKERS: usize = 1_000;

/// What the rpcs share.
pub(crate) struct Notification {
    pub(crate) pool: Pool,
    pub(crate) log: Log,
    pub(crate) clock: Clock,
    pub(crate) wake: Wake,
    pub(crate) recent: Recent,
}

/// Runs the service until the process stops.
///
/// # Errors
/// The configuration cannot be used, or the address cannot be listened on.
pub async fn serve(config: Config, process: Process) -> anyhow::Result<()> {
    let listener = process.bind("gRPC", config.grpc_addr).await?;
    let pool = Pool::connect_lazy(
        &config.database_url,
        process.service,
        config.database_pool_size,
    )?;
    watch_postgres(&process, pool.clone());
    let (doorbell, rings) = doorbell(&config, &process)?;
    let log = Log::new(doorbell);
    let wake = Wake::default();
    let recent = Recent::new();
    let delivery = delivery(&config, &process, pool.clone(), log.clone(), recent.clone())?;
    let credentials = Arc::new(credentials(&config, &process, &delivery)?);
    let dispatcher = Dispatcher {
        delivery: Arc::new(delivery),
        capacity: Capacity::new(wake.clone()),
        wake: wake.clone(),
        process: process.clone(),
    };
    process.spawn("send-messages", dispatch::run(dispatcher.clone()));
    let source = Source {
        pool: pool.clone(),
        rings,
        log: log.clone(),
    };
    let clock = process.clock.clone();
    let confirmations = Confirmations {
        clock: clock.clone(),
        dispatcher,
    };
    let stop = || process.shutdown.clone();
    process.spawn(
        "queue-confirmations",
        consumer::run(confirmations, source.clone(), POLL, stop()),
    );
    process.spawn(
        "forget-erased",
        consumer::run(Erasures, source, UNHURRIED_POLL, stop()),
    );
    let notification = Arc::new(Notification {
        pool,
        log,
        clock,
        wake,
        recent,
    });
    let routes = Routes::new(NotificationServiceServer::new(Grpc(notification))).add_service(
        CredentialTestServiceServer::new(CredentialsGrpc(credentials)),
    );
    serve_grpc(&process, listener, config.context_keys, routes).await
}

fn delivery(
    config: &Config,
    process: &Process,
    pool: Pool,
    log: Log,
    recent: Recent,
) -> anyhow::Result<Delivery> {
    let timing = config.timing;
    let to = |service| {
        let keys = config.context_keys.clone();
        Outbound::new(keys, process.clock.clone(), process.service, service)
    };
    let identity = grpc_channel("identity", &config.identity_url)?;
    let booking = grpc_channel("booking", &config.booking_url)?;
    Ok(Delivery {
        pool,
        log,
        clock: process.clock.clone(),
        timing,
        clinics: Clinics::new(identity, to("identity"), timing.clinic_cache.unsigned_abs()),
        bookings: Bookings::new(booking, to("booking")),
        twilio: Twilio::new(
            config.twilio_base_url.clone(),
            config.twilio_messaging_base_url.clone(),
            timing.twilio_timeout.unsigned_abs(),
        )?,
        breakers: Breakers::new(Tolerance::default(), BREAKERS),
        public_url: config.public_url.clone(),
        recent,
    })
}

/// Tests of credentials have a connection, and so a breaker, of their own.
fn credentials(
    config: &Config,
    process: &Process,
    delivery: &Delivery,
) -> anyhow::Result<Credentials> {
    let keys = config.context_keys.clone();
    Ok(Credentials::new(
        grpc_channel("identity", &config.identity_url)?,
        Outbound::new(keys, process.clock.clone(), process.service, "identity"),
        delivery.twilio.clone(),
        delivery.clinics.clone(),
    ))
}

fn watch_postgres(process: &Process, pool: Pool) {
    let check = move || {
        let pool = pool.clone();
        async move { pool.is_up().await }
    };
    let readiness = process.readiness.clone();
    let stop = process.shutdown.clone();
    let watch = readiness.watch("postgres", Need::Required, check, stop);
    process.spawn("watch-postgres", watch);
}

fn doorbell(config: &Config, process: &Process) -> anyhow::Result<(Doorbell, Rings)> {
    let Some(url) = &config.redis_url else {
        return Ok((Doorbell::silent(), Rings::none()));
    };
    let redis = Redis::connect_lazy(url)?;
    let stop = process.shutdown.clone();
    let doorbell = Doorbell::new(redis.connection(), &process.tasks, stop.clone());
    let rings = Rings::listen(redis.client(), &process.tasks, stop.clone());
    let check = move || {
        let redis = redis.clone();
        async move { redis.is_up().await }
    };
    let readiness = process.readiness.clone();
    let watch = readiness.watch("redis", Need::Helpful, check, stop);
    process.spawn("watch-redis", watch);
    Ok((doorbell, rings))
}

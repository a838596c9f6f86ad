#![doc = include_str!("../README.md")]

mod availability;
mod blocks;
mod bookings;
mod calendars;
mod claims;
mod coming;
mod config;
mod contention;
mod error;
mod exceptions;
mod expiry;
mod fields;
mod grpc;
mod holds;
mod locations;
mod outcomes;
mod page;
mod patients;
mod providers;
mod rights;
mod rooms;
mod schedules;
mod series;
mod services;
mod set_up;
mod tasks;
mod waitlist;

use std::{sync::Arc, time::Duration};

use tonic::service::Routes;
use voxanne_clock::Clock;
use voxanne_events::{
    Doorbell, Log, Redis, Rings,
    consumer::{self, Consume, Source},
};
use voxanne_pg::Pool;
use voxanne_proto::booking::v1::{
    booking_service_server::BookingServiceServer, calendar_service_server::CalendarServiceServer,
    clinic_service_server::ClinicServiceServer, day_service_server::DayServiceServer,
    hold_service_server::HoldServiceServer, patient_service_server::PatientServiceServer,
    series_service_server::SeriesServiceServer, task_service_server::TaskServiceServer,
    waitlist_service_server::WaitlistServiceServer,
};
use voxanne_resilience::grpc_channel;
use voxanne_runtime::{Need, Process, serve_grpc};
use voxanne_tenant::{Keys, Outbound};

pub(crate) use crate::error::Error;
pub use crate::{
    calendars::{CalendarTiming, google::oauth::OAuthUrls},
    config::{Config, GoogleConfig},
};
use crate::{
    calendars::{Calendars, Link, WriteBookings},
    holds::end_with_call::EndHolds,
    waitlist::on_freed::OfferFreed,
};

/// Without a doorbell, new events are seen this late at most.
const POLL: Duration = Duration::from_secs(1);

/// What every rpc works with.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    pool: Pool,
    clock: Clock,
    /// Sign slot ids.
    keys: Keys,
    log: Log,
    /// How long a slot is held.
    hold_ttl: Duration,
    /// How long an offer of the waitlist stands.
    offer_ttl: Duration,
}

/// Serves the gRPC services until the process stops.
pub async fn serve(config: Config, process: Process) -> anyhow::Result<()> {
    let listener = process.bind("grpc", config.grpc_addr).await?;
    let pool = Pool::connect_lazy(&config.database_url, process.service, config.pool_size)?;
    watch_postgres(&process, pool.clone());
    let (doorbell, rings) = hear(&process, config.redis_url.as_ref())?;
    let log = Log::new(doorbell);
    let events = Source {
        pool: pool.clone(),
        rings,
        log: log.clone(),
    };
    consume(&process, &events, config.offer_ttl);
    let calendars = calendars(&config, &process, pool.clone(), log.clone())?;
    if calendars.link.is_some() {
        process.spawn(
            "calendars",
            calendars::run(calendars.clone(), process.clone()),
        );
    }
    let keys = config.context_keys.clone();
    let desk = Desk {
        pool,
        clock: process.clock.clone(),
        keys,
        log,
        hold_ttl: config.hold_ttl,
        offer_ttl: config.offer_ttl,
    };
    process.spawn(
        "end-expired",
        desk.clone().end_expired(process.shutdown.clone()),
    );
    let routes = Routes::new(BookingServiceServer::new(desk.clone()))
        .add_service(HoldServiceServer::new(desk.clone()))
        .add_service(SeriesServiceServer::new(desk.clone()))
        .add_service(WaitlistServiceServer::new(desk.clone()))
        .add_service(ClinicServiceServer::new(desk.clone()))
        .add_service(DayServiceServer::new(desk.clone()))
        .add_service(PatientServiceServer::new(desk.clone()))
        .add_service(TaskServiceServer::new(desk))
        .add_service(CalendarServiceServer::new(calendars));
    serve_grpc(&process, listener, config.context_keys, routes).await
}

/// What follows from committed events.
fn consume(process: &Process, events: &Source, ttl: Duration) {
    let clock = || process.clock.clone();
    consumer("set-up-clinics", process, set_up::SetUpClinics, events);
    let end_holds = EndHolds { clock: clock() };
    consumer("end-holds", process, end_holds, events);
    let watch = tasks::rules::Watch { clock: clock() };
    consumer("watch-for-tasks", process, watch, events);
    let write_bookings = WriteBookings { clock: clock() };
    consumer("write-calendars", process, write_bookings, events);
    let offer_freed = OfferFreed {
        clock: clock(),
        ttl,
    };
    consumer("offer-freed", process, offer_freed, events);
}

fn consumer(name: &'static str, process: &Process, consume: impl Consume, events: &Source) {
    let run = consumer::run(consume, events.clone(), POLL, process.shutdown.clone());
    process.spawn(name, run);
}

/// The way to Google is there when its application is.
fn calendars(
    config: &Config,
    process: &Process,
    pool: Pool,
    log: Log,
) -> anyhow::Result<Calendars> {
    let link = |google: &GoogleConfig| {
        let identity = grpc_channel("identity", &google.identity_url)?;
        let (keys, clock) = (config.context_keys.clone(), process.clock.clone());
        let outbound = Outbound::new(keys, clock.clone(), process.service, "identity");
        Link::new(google, clock, (identity, outbound)).map(Arc::new)
    };
    Ok(Calendars {
        pool,
        log,
        clock: process.clock.clone(),
        link: config.google.as_ref().map(link).transpose()?,
    })
}

fn watch_postgres(process: &Process, pool: Pool) {
    let is_up = move || {
        let pool = pool.clone();
        async move { pool.is_up().await }
    };
    let watch = process.readiness.clone();
    process.spawn(
        "watch-postgres",
        watch.watch("postgres", Need::Required, is_up, process.shutdown.clone()),
    );
}

/// The doorbell to ring after a commit, and the rings of others; both silent without Redis.
fn hear(
    process: &Process,
    url: Option<&secrecy::SecretString>,
) -> anyhow::Result<(Doorbell, Rings)> {
    let Some(url) = url else {
        return Ok((Doorbell::silent(), Rings::none()));
    };
    let redis = Redis::connect_lazy(url)?;
    let (tasks, shutdown) = (&process.tasks, &process.shutdown);
    let doorbell = Doorbell::new(redis.connection(), tasks, shutdown.clone());
    let rings = Rings::listen(redis.client(), tasks, shutdown.clone());
    let is_up = move || {
        let redis = redis.clone();
        async move { redis.is_up().await }
    };
    let watch = process.readiness.clone();
    process.spawn(
        "watch-redis",
        watch.watch("redis", Need::Helpful, is_up, shutdown.clone()),
    );
    Ok((doorbell, rings))
}

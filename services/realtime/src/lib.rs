#![doc = include_str!("../README.md")]

mod config;
mod feed;
mod feeds;
mod grpc;
mod heads;
mod log;
mod subscription;
mod wire;

pub use config::Config;
use tonic::service::Routes;
use voxanne_events::{Redis, Rings};
use voxanne_pg::Pool;
use voxanne_proto::realtime::v1::realtime_service_server::RealtimeServiceServer;
use voxanne_runtime::{Need, Process, serve_grpc};

use crate::{feeds::Feeds, grpc::Realtime, log::Log};

/// Serves until the process stops.
pub async fn serve(config: Config, process: Process) -> anyhow::Result<()> {
    let listener = process.bind("gRPC", config.grpc_addr).await?;
    let pool = Pool::connect_lazy(&config.database_url, process.service, config.pool_size)?;
    watch_postgres(&process, pool.clone());
    let rings = match &config.redis_url {
        Some(url) => {
            let redis = Redis::connect_lazy(url)?;
            watch_redis(&process, redis.clone());
            Rings::listen(redis.client(), &process.tasks, process.shutdown.clone())
        }
        None => Rings::none(),
    };
    let log = Log::new(pool);
    let feeds = Feeds::new(&process, log.clone());
    process.spawn(
        "watch-heads",
        heads::watch(
            feeds.clone(),
            log.clone(),
            rings,
            config.poll,
            process.shutdown.clone(),
        ),
    );
    let routes = Routes::new(RealtimeServiceServer::new(Realtime::new(
        &process, log, feeds,
    )));
    serve_grpc(&process, listener, config.keys, routes).await
}

fn watch_postgres(process: &Process, pool: Pool) {
    let readiness = process.readiness.clone();
    let shutdown = process.shutdown.clone();
    process.spawn("watch-postgres", async move {
        let check = || async { pool.is_up().await };
        readiness
            .watch("postgres", Need::Required, check, shutdown)
            .await;
    });
}

fn watch_redis(process: &Process, redis: Redis) {
    let readiness = process.readiness.clone();
    let shutdown = process.shutdown.clone();
    process.spawn("watch-redis", async move {
        let check = || async { redis.is_up().await };
        readiness
            .watch("redis", Need::Helpful, check, shutdown)
            .await;
    });
}

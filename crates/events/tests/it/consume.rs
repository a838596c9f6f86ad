//! Each event is worked through once, by however many replicas.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use voxanne_events::{
    Doorbell, Event, Log, New, Redis, Rings,
    consumer::{self, Consume, Source},
    read,
};
use voxanne_pg::{OrgTx, Pool};
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;
use voxanne_testkit::{Database, eventually, redis_url, two_orgs};

use crate::number::event;

/// Announces `booking.confirmed` for each `booking.created`; its first attempts fail.
#[derive(Clone)]
struct Confirm {
    failures_left: Arc<AtomicU32>,
}

impl Consume for Confirm {
    const NAME: &'static str = "test.confirm";
    const KINDS: &'static [&'static str] = &["booking.created"];
    const SERVICE: &'static str = "notification";

    async fn consume(&self, _: &mut OrgTx, event: &Event) -> Result<Vec<New>, Problem> {
        if event.kind != "booking.created" {
            return Ok(Vec::new());
        }
        let failing =
            self.failures_left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                });
        if failing.is_ok() {
            return Err(Problem::internal("planted"));
        }
        let data = json!({ "of": event.seq });
        Ok(vec![New {
            kind: "booking.confirmed",
            at: event.at,
            data,
        }])
    }
}

async fn confirmations(pool: &Pool, tenant: &Tenant) -> Vec<i64> {
    let mut tx = OrgTx::begin(pool, tenant).await.unwrap();
    let events = read::list_after(&mut tx, 0, 500).await.unwrap();
    let mut of: Vec<i64> = events
        .iter()
        .filter_map(|event| event.data.get("of")?.as_i64())
        .collect();
    of.sort_unstable();
    of
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_worked_through_once_by_three_replicas_that_stumble() {
    let database = Database::fresh().await;
    let (writer, reader) = (database.pool("booking"), database.pool("notification"));
    let (acme, globex) = two_orgs();
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let source = Source {
        pool: reader.clone(),
        rings: Rings::none(),
        log: Log::new(Doorbell::silent()),
    };
    let confirm = Confirm {
        failures_left: Arc::new(AtomicU32::new(5)),
    };
    for _ in 0..3 {
        let poll = Duration::from_millis(10);
        tasks.spawn(consumer::run(
            confirm.clone(),
            source.clone(),
            poll,
            shutdown.clone(),
        ));
    }
    let log = Log::new(Doorbell::silent());
    for _ in 0..20 {
        for tenant in [&acme, &globex] {
            let tx = OrgTx::begin(&writer, tenant).await.unwrap();
            log.commit(tx, vec![event(json!({}))]).await.unwrap();
        }
    }
    eventually("all are confirmed", || async {
        confirmations(&reader, &acme).await.len() >= 20
            && confirmations(&reader, &globex).await.len() >= 20
    })
    .await;
    shutdown.cancel();
    tasks.close();
    tasks.wait().await;
    for tenant in [&acme, &globex] {
        let of = confirmations(&reader, tenant).await;
        let mut once = of.clone();
        once.dedup();
        assert_eq!((of.len(), once.len()), (20, 20));
    }
    assert_eq!(
        confirm.failures_left.load(Ordering::Relaxed),
        0,
        "no failure was planted"
    );
}

/// The poll is an hour away, so only the doorbell can have woken the consumer.
#[tokio::test(flavor = "multi_thread")]
async fn the_doorbell_wakes_a_consumer() {
    let database = Database::fresh().await;
    let (writer, reader) = (database.pool("booking"), database.pool("notification"));
    let (acme, _) = two_orgs();
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let redis = Redis::connect_lazy(&redis_url()).unwrap();
    let rings = Rings::listen(redis.client(), &tasks, shutdown.clone());
    let source = Source {
        pool: reader.clone(),
        rings,
        log: Log::new(Doorbell::silent()),
    };
    let confirm = Confirm {
        failures_left: Arc::default(),
    };
    tasks.spawn(consumer::run(
        confirm,
        source,
        Duration::from_secs(3600),
        shutdown.clone(),
    ));
    let log = Log::new(Doorbell::new(redis.connection(), &tasks, shutdown.clone()));
    let announce = async || {
        let tx = OrgTx::begin(&writer, &acme).await.unwrap();
        log.commit(tx, vec![event(json!({}))]).await.unwrap();
    };
    // The subscription may not stand yet, and a ring that nobody hears is lost by design.
    eventually("a ring was heard", || async {
        announce().await;
        !confirmations(&reader, &acme).await.is_empty()
    })
    .await;
    for _ in 0..5 {
        let before = confirmations(&reader, &acme).await.len();
        announce().await;
        eventually("one ring is enough", || async {
            confirmations(&reader, &acme).await.len() > before
        })
        .await;
    }
    shutdown.cancel();
    tasks.close();
    tasks.wait().await;
}

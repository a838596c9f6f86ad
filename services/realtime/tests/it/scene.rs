//! A running service, writers beside it, and a reader that checks what it is sent.

use std::time::Duration;

use tonic::{Code, Status, Streaming, transport::Channel};
use voxanne_clock::Clock;
use voxanne_events::{Doorbell, Log, New, Redis};
use voxanne_pg::{OrgTx, Pool};
use voxanne_proto::realtime::v1::{
    Event, ReplayRequest, ReplayResponse, SubscribeRequest, SubscribeResponse,
    realtime_service_client::RealtimeServiceClient,
};
use voxanne_realtime::{Config, serve};
use voxanne_tenant::{Outbound, Tenant};
use voxanne_testkit::{Database, Running, keys, start};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);
/// A poll that a test never lives to see.
pub(crate) const NEVER: Duration = Duration::from_secs(3600);
pub(crate) const OFTEN: Duration = Duration::from_millis(50);

pub(crate) struct Scene {
    pub(crate) database: Database,
    pub(crate) service: Running,
    pool: Pool,
    log: Log,
}

impl Scene {
    /// A service that has no Redis and polls.
    pub(crate) async fn polling() -> Self {
        let database = Database::fresh().await;
        let service = realtime(&database, OFTEN, false).await;
        Self {
            pool: database.pool("booking"),
            database,
            service,
            log: Log::new(Doorbell::silent()),
        }
    }

    /// A service that hears of news through Redis alone.
    pub(crate) async fn with_doorbell() -> Self {
        let database = Database::fresh().await;
        let service = realtime(&database, NEVER, true).await;
        let redis =
            Redis::connect_lazy(&voxanne_testkit::redis_url()).expect("the runner gives a URL");
        let process = &service.process;
        let doorbell = Doorbell::new(redis.connection(), &process.tasks, process.shutdown.clone());
        Self {
            pool: database.pool("booking"),
            database,
            service,
            log: Log::new(doorbell),
        }
    }

    /// Commits `count` events, one transaction each, as the booking service does.
    pub(crate) async fn write(&self, tenant: &Tenant, count: usize) {
        for _ in 0..count {
            self.write_batch(tenant, 1).await;
        }
    }

    /// Commits `count` events in one transaction.
    pub(crate) async fn write_batch(&self, tenant: &Tenant, count: usize) {
        let tx = OrgTx::begin(&self.pool, tenant)
            .await
            .expect("Postgres answers");
        let events = (0..count).map(|_| new()).collect();
        self.log
            .commit(tx, events)
            .await
            .expect("the events commit");
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader {
            client: RealtimeServiceClient::new(self.service.channel()),
            outbound: Outbound::new(keys(), Clock::system(), "gateway", "realtime"),
        }
    }

    /// Drops the events up to `seq`, as a retention job would.
    pub(crate) async fn forget(&self, tenant: &Tenant, seq: i64) {
        sqlx::query("DELETE FROM events.event WHERE org_id = $1 AND seq <= $2")
            .bind(tenant.org())
            .bind(seq)
            .execute(&mut self.database.owner().await)
            .await
            .expect("the owner may delete");
    }
}

async fn realtime(database: &Database, poll: Duration, with_redis: bool) -> Running {
    let database_url = database.url("realtime");
    let config = |grpc_addr| Config {
        database_url,
        pool_size: 5,
        redis_url: with_redis.then(voxanne_testkit::redis_url),
        grpc_addr,
        keys: keys(),
        poll,
    };
    start("realtime", Clock::system(), config, serve).await
}

fn new() -> New {
    New {
        kind: "booking.created",
        at: Clock::system().now(),
        data: serde_json::json!({ "bookingId": "bkg_1" }),
    }
}

#[derive(Clone)]
pub(crate) struct Reader {
    client: RealtimeServiceClient<Channel>,
    outbound: Outbound,
}

impl Reader {
    pub(crate) async fn subscribe(
        &self,
        tenant: &Tenant,
        after: i64,
    ) -> Result<Subscription, Status> {
        let request = self
            .outbound
            .stream_request(tenant, SubscribeRequest { after });
        let stream = self.client.clone().subscribe(request).await?.into_inner();
        Ok(Subscription {
            stream,
            last: after,
        })
    }

    pub(crate) async fn replay(
        &self,
        tenant: &Tenant,
        after: i64,
        limit: u32,
    ) -> Result<ReplayResponse, Status> {
        let request = self
            .outbound
            .request(tenant, ReplayRequest { after, limit });
        Ok(self.client.clone().replay(request).await?.into_inner())
    }

    pub(crate) async fn head(&self, tenant: &Tenant) -> i64 {
        let request = self
            .outbound
            .request(tenant, voxanne_proto::realtime::v1::GetHeadRequest {});
        let answer = self
            .client
            .clone()
            .get_head(request)
            .await
            .expect("the head can be read");
        answer.into_inner().seq
    }
}

pub(crate) struct Subscription {
    stream: Streaming<SubscribeResponse>,
    last: i64,
}

impl Subscription {
    /// Reads until event number `seq`; every one has to follow the one before it.
    pub(crate) async fn read_to(&mut self, seq: i64) -> Vec<Event> {
        let mut events = Vec::new();
        while self.last < seq {
            let page = self.next().await.expect("the stream goes on");
            for event in page.events {
                assert_eq!(event.seq, self.last + 1, "no gap and nothing twice");
                self.last = event.seq;
                events.push(event);
            }
        }
        events
    }

    /// The status the stream ends with.
    pub(crate) async fn end(&mut self) -> Status {
        loop {
            if let Err(status) = self.next().await {
                return status;
            }
        }
    }

    async fn next(&mut self) -> Result<SubscribeResponse, Status> {
        let next = tokio::time::timeout(PATIENCE, self.stream.message());
        let page = next.await.expect("the stream says something in time")?;
        page.ok_or_else(|| Status::unknown("the stream ended without a word"))
    }
}

pub(crate) fn assert_gone(status: &Status) {
    assert_eq!(status.code(), Code::OutOfRange);
    let problem = voxanne_problem::Problem::from(status.clone());
    assert_eq!(problem.reason, "EVENTS_GONE");
}

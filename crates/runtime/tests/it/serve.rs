//! No call without a context, no work half-done, no panic that takes the process along.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;
use tokio_stream::Empty;
use tonic::{Code, Request, Response, Status, service::Routes};
use voxanne_clock::Clock;
use voxanne_problem::Problem;
use voxanne_proto::realtime::v1::{
    GetHeadRequest, GetHeadResponse, ReplayRequest, ReplayResponse, SubscribeRequest,
    SubscribeResponse,
    realtime_service_client::RealtimeServiceClient,
    realtime_service_server::{RealtimeService, RealtimeServiceServer},
};
use voxanne_runtime::{Process, serve_grpc};
use voxanne_tenant::{Outbound, Tenant};
use voxanne_testkit::{Running, eventually, keys, start, two_orgs};

/// `GetHead` waits until it is let go, `Replay` panics, `Subscribe` is of no use here.
#[derive(Clone, Default)]
pub(crate) struct Probe {
    begun: Arc<AtomicU32>,
    finished: Arc<AtomicU32>,
    go: Arc<Notify>,
}

#[tonic::async_trait]
impl RealtimeService for Probe {
    type SubscribeStream = Empty<Result<SubscribeResponse, Status>>;

    async fn get_head(
        &self,
        request: Request<GetHeadRequest>,
    ) -> Result<Response<GetHeadResponse>, Status> {
        Tenant::of(&request)?;
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.go.notified().await;
        self.finished.fetch_add(1, Ordering::SeqCst);
        Ok(Response::new(GetHeadResponse { seq: 7 }))
    }

    async fn replay(&self, _: Request<ReplayRequest>) -> Result<Response<ReplayResponse>, Status> {
        panic!("planted");
    }

    async fn subscribe(
        &self,
        _: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        Err(Problem::internal("not in this test").into())
    }
}

struct Config {
    addr: SocketAddr,
    probe: Probe,
}

async fn serve(config: Config, process: Process) -> anyhow::Result<()> {
    let listener = process.bind("gRPC", config.addr).await?;
    let routes = Routes::new(RealtimeServiceServer::new(config.probe));
    serve_grpc(&process, listener, keys(), routes).await
}

pub(crate) async fn running(
    probe: &Probe,
) -> (Running, RealtimeServiceClient<tonic::transport::Channel>) {
    let probe = probe.clone();
    let running = start(
        "realtime",
        Clock::system(),
        |addr| Config { addr, probe },
        serve,
    )
    .await;
    let client = RealtimeServiceClient::new(running.channel());
    (running, client)
}

pub(crate) fn to_realtime() -> Outbound {
    Outbound::new(keys(), Clock::system(), "gateway", "realtime")
}

#[tokio::test]
async fn a_call_without_a_context_or_for_another_service_is_refused() {
    let (_running, mut client) = running(&Probe::default()).await;
    let bare = client.get_head(GetHeadRequest {}).await.unwrap_err();
    assert_eq!(bare.code(), Code::Unauthenticated);
    let elsewhere = Outbound::new(keys(), Clock::system(), "gateway", "booking");
    let request = elsewhere.request(&two_orgs().0, GetHeadRequest {});
    assert_eq!(
        client.get_head(request).await.unwrap_err().code(),
        Code::Unauthenticated
    );
}

#[tokio::test]
async fn work_that_was_begun_is_finished_after_its_caller_left() {
    let probe = Probe::default();
    let (_running, mut client) = running(&probe).await;
    let impatient = two_orgs().0.within(Duration::from_millis(200));
    let late = client
        .get_head(to_realtime().request(&impatient, GetHeadRequest {}))
        .await;
    assert!(matches!(
        late.unwrap_err().code(),
        Code::DeadlineExceeded | Code::Cancelled
    ));
    assert_eq!(
        probe.begun.load(Ordering::SeqCst),
        1,
        "the call reached its handler"
    );
    assert_eq!(probe.finished.load(Ordering::SeqCst), 0);
    probe.go.notify_one();
    eventually("the handler finished", || async {
        probe.finished.load(Ordering::SeqCst) == 1
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_panics_answers_internal_and_the_process_lives() {
    let probe = Probe::default();
    let (_running, mut client) = running(&probe).await;
    let tenant = two_orgs().0;
    let request = to_realtime().request(&tenant, ReplayRequest::default());
    let problem = Problem::from(client.replay(request).await.unwrap_err());
    assert_eq!(problem.reason, "INTERNAL");
    assert!(
        !problem.message.contains("planted"),
        "a panic's text is not for callers"
    );
    probe.go.notify_one();
    let head = client
        .get_head(to_realtime().request(&tenant, GetHeadRequest {}))
        .await;
    assert_eq!(head.unwrap().into_inner().seq, 7);
}

#[tokio::test]
async fn a_stop_waits_for_calls_in_flight() {
    let probe = Probe::default();
    let (running, client) = running(&probe).await;
    let tenant = two_orgs().0;
    let calling = tokio::task::JoinSet::from_iter([{
        let mut client = client.clone();
        async move {
            client
                .get_head(to_realtime().request(&tenant, GetHeadRequest {}))
                .await
        }
    }]);
    eventually("the call is in flight", || async {
        probe.begun.load(Ordering::SeqCst) == 1
    })
    .await;
    let process = running.process.clone();
    process.shutdown.cancel();
    probe.go.notify_one();
    let answers = calling.join_all().await;
    assert_eq!(answers[0].as_ref().unwrap().get_ref().seq, 7);
    running.stop().await;
}

#[tokio::test]
async fn health_and_reflection_are_open() {
    let (running, _) = running(&Probe::default()).await;
    let mut health = tonic_health::pb::health_client::HealthClient::new(running.channel());
    let answer = health
        .check(tonic_health::pb::HealthCheckRequest::default())
        .await
        .unwrap();
    assert_eq!(answer.into_inner().status, 1, "SERVING");
}

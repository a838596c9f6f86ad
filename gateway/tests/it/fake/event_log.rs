//! Realtime: logs in memory, streams that can be cut, and a count of those that are open.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex},
};

use futures_util::Stream;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::TaskTracker;
use tonic::{Code, Request, Response, Status, service::Routes};
use voxanne_ids::OrgId;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::realtime::v1::{
    Event, GetHeadRequest, GetHeadResponse, ReplayRequest, ReplayResponse, SubscribeRequest,
    SubscribeResponse,
    realtime_service_server::{RealtimeService, RealtimeServiceServer},
};
use voxanne_tenant::Tenant;
use voxanne_testkit::Running;

/// Small, because a message of gRPC has a limit and the tests' events may be large.
const PAGE: usize = 40;

type Answers = mpsc::Sender<Result<SubscribeResponse, Status>>;

#[derive(Clone, Default)]
pub(crate) struct EventLog(Arc<Inner>);

#[derive(Default)]
struct Inner {
    logs: Mutex<HashMap<OrgId, Vec<Event>>>,
    forgotten: Mutex<HashMap<OrgId, i64>>,
    streams: Mutex<Vec<Answers>>,
    news: watch::Sender<u64>,
    tasks: TaskTracker,
}

impl EventLog {
    /// Adds `count` events with `bytes` of data each.
    pub(crate) fn write(&self, org: OrgId, count: usize, bytes: usize) {
        let mut logs = self.0.logs.lock().expect("no holder panics");
        let log = logs.entry(org).or_default();
        for _ in 0..count {
            let seq = i64::try_from(log.len()).expect("a small number") + 1;
            log.push(Event {
                seq,
                id: format!("evt_{org}_{seq}"),
                r#type: "booking.created".to_owned(),
                at: Some(prost_types::Timestamp {
                    seconds: 1_763_784_256,
                    nanos: 0,
                }),
                data_json: format!(r#"{{"orgId":"{org}","fill":"{}"}}"#, "x".repeat(bytes)),
                trace: String::new(),
            });
        }
        drop(logs);
        self.0.news.send_modify(|count| *count += 1);
    }

    /// Drops the events up to `seq`.
    pub(crate) fn forget(&self, org: OrgId, seq: i64) {
        self.0
            .forgotten
            .lock()
            .expect("no holder panics")
            .insert(org, seq);
    }

    /// Ends every stream, as a restart does.
    pub(crate) fn cut(&self) {
        for stream in self.0.streams.lock().expect("no holder panics").drain(..) {
            drop(stream.try_send(Err(Status::unavailable("restarting"))));
        }
    }

    /// Streams that somebody still reads.
    pub(crate) fn open_streams(&self) -> usize {
        let mut streams = self.0.streams.lock().expect("no holder panics");
        streams.retain(|stream| !stream.is_closed());
        streams.len()
    }

    pub(crate) async fn serve(&self) -> Running {
        let routes = Routes::new(RealtimeServiceServer::new(self.clone()));
        super::serve("realtime", routes).await
    }

    fn head(&self, org: OrgId) -> i64 {
        let logs = self.0.logs.lock().expect("no holder panics");
        i64::try_from(logs.get(&org).map_or(0, Vec::len)).expect("a small number")
    }

    fn reaches_back(&self, org: OrgId, after: i64) -> bool {
        let forgotten = self.0.forgotten.lock().expect("no holder panics");
        let oldest = forgotten.get(&org).copied().unwrap_or_default();
        (oldest..=self.head(org)).contains(&after)
    }

    fn page(&self, org: OrgId, after: i64) -> Vec<Event> {
        let logs = self.0.logs.lock().expect("no holder panics");
        let log = logs.get(&org).into_iter().flatten();
        let missed = log.filter(|event| event.seq > after);
        missed.take(PAGE).cloned().collect()
    }
}

#[tonic::async_trait]
impl RealtimeService for EventLog {
    type SubscribeStream = Pin<Box<dyn Stream<Item = Result<SubscribeResponse, Status>> + Send>>;

    async fn get_head(
        &self,
        request: Request<GetHeadRequest>,
    ) -> Result<Response<GetHeadResponse>, Status> {
        let seq = self.head(Tenant::of(&request)?.org());
        Ok(Response::new(GetHeadResponse { seq }))
    }

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let org = Tenant::of(&request)?.org();
        let after = request.into_inner().after;
        if !self.reaches_back(org, after) {
            return Err(gone());
        }
        let (answers, stream) = mpsc::channel(4);
        self.0
            .streams
            .lock()
            .expect("no holder panics")
            .push(answers.clone());
        let follow = follow(self.clone(), org, after, answers.downgrade());
        self.0.tasks.spawn(follow);
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }

    async fn replay(
        &self,
        request: Request<ReplayRequest>,
    ) -> Result<Response<ReplayResponse>, Status> {
        let org = Tenant::of(&request)?.org();
        let after = request.into_inner().after;
        let reload = !self.reaches_back(org, after);
        let events = if reload {
            Vec::new()
        } else {
            self.page(org, after)
        };
        let head = self.head(org);
        Ok(Response::new(ReplayResponse {
            events,
            reload,
            head,
        }))
    }
}

/// As the service says it.
fn gone() -> Status {
    let problem = Problem::new(Kind::Unprocessable, "EVENTS_GONE", "not kept");
    let status = Status::from(problem);
    let details = status.details().to_vec().into();
    Status::with_details(Code::OutOfRange, status.message(), details)
}

async fn follow(
    log: EventLog,
    org: OrgId,
    mut last: i64,
    answers: mpsc::WeakSender<Result<SubscribeResponse, Status>>,
) {
    let mut news = log.0.news.subscribe();
    loop {
        news.mark_unchanged();
        let events = log.page(org, last);
        // Only the list of streams keeps this one open.
        let Some(answers) = answers.upgrade() else {
            return;
        };
        if let Some(newest) = events.last().map(|event| event.seq) {
            last = newest;
            if answers
                .send(Ok(SubscribeResponse { events }))
                .await
                .is_err()
            {
                return;
            }
            continue;
        }
        drop(answers);
        if news.changed().await.is_err() {
            return;
        }
    }
}

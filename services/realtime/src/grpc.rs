//! The rpcs: reading who asks for what, and answering.

use std::pin::Pin;

use futures_util::Stream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Request, Response, Status};
use voxanne_problem::{Problem, Violations};
use voxanne_proto::realtime::v1::{
    GetHeadRequest, GetHeadResponse, ReplayRequest, ReplayResponse, SubscribeRequest,
    SubscribeResponse, realtime_service_server::RealtimeService,
};
use voxanne_runtime::Process;
use voxanne_tenant::Tenant;

use crate::{
    feeds::Feeds,
    log::{self, EVENTS_GONE, Log, PAGE},
    subscription::{self, Line, Subscription},
    wire,
};

pub(crate) struct Realtime {
    log: Log,
    feeds: Feeds,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Realtime {
    pub(crate) fn new(process: &Process, log: Log, feeds: Feeds) -> Self {
        Self {
            log,
            feeds,
            tasks: process.tasks.clone(),
            shutdown: process.shutdown.clone(),
        }
    }
}

#[tonic::async_trait]
impl RealtimeService for Realtime {
    type SubscribeStream =
        Pin<Box<dyn Stream<Item = Result<SubscribeResponse, Status>> + Send + 'static>>;

    async fn get_head(
        &self,
        request: Request<GetHeadRequest>,
    ) -> Result<Response<GetHeadResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let seq = self.log.extent(&tenant).await?.newest;
        Ok(Response::new(GetHeadResponse { seq }))
    }

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let tenant = Tenant::of(&request)?;
        let after = request.into_inner().after;
        let extent = self.log.extent(&tenant).await?;
        if !extent.reaches_back_to(after) {
            return Err(wire::status(log::gone()));
        }
        let (out, stream) = mpsc::channel(subscription::WAITING);
        let subscription = Subscription {
            listener: self.feeds.listen(tenant.org(), extent.newest),
            tenant,
            log: self.log.clone(),
            last: after,
            line: Line {
                out,
                shutdown: self.shutdown.clone(),
            },
        };
        self.tasks.spawn(subscription.run());
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }

    async fn replay(
        &self,
        request: Request<ReplayRequest>,
    ) -> Result<Response<ReplayResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let ReplayRequest { after, limit } = request.into_inner();
        let limit = page_size(limit)?;
        let answer = match self.log.page(&tenant, after, limit).await {
            Ok(page) => ReplayResponse {
                events: page.events.iter().map(wire::event).collect(),
                reload: false,
                head: page.newest,
            },
            Err(problem) if problem.reason == EVENTS_GONE => ReplayResponse {
                events: Vec::new(),
                reload: true,
                head: self.log.extent(&tenant).await?.newest,
            },
            Err(problem) => return Err(problem.into()),
        };
        Ok(Response::new(answer))
    }
}

fn page_size(asked: u32) -> Result<u32, Problem> {
    let mut violations = Violations::default();
    let size = match asked {
        0 => Some(PAGE),
        1..=PAGE => Some(asked),
        _ => {
            violations.add("limit", "RANGE", format!("must be at most {PAGE}"));
            None
        }
    };
    violations.finish(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_bound() {
        for (asked, size) in [
            (0, Some(500)),
            (1, Some(1)),
            (500, Some(500)),
            (501, None),
            (u32::MAX, None),
        ] {
            assert_eq!(page_size(asked).ok(), size, "{asked}");
        }
    }
}

//! Between the contract's messages and what the service works with.

use tonic::{Code, Status};
use voxanne_events::Event;
use voxanne_problem::Problem;
use voxanne_proto::realtime::v1 as proto;

use crate::log::EVENTS_GONE;

pub(crate) fn event(event: &Event) -> proto::Event {
    proto::Event {
        seq: event.seq,
        id: event.id.to_string(),
        r#type: event.kind.clone(),
        at: Some(voxanne_clock::to_proto(event.at)),
        data_json: event.data.to_string(),
        trace: event.trace.clone().unwrap_or_default(),
    }
}

/// A problem as the contract of `Subscribe` says it: a log that does not reach back is
/// `OUT_OF_RANGE`, a code that no kind of problem has.
pub(crate) fn status(problem: Problem) -> Status {
    let is_gone = problem.reason == EVENTS_GONE;
    let status = Status::from(problem);
    if !is_gone {
        return status;
    }
    Status::with_details(
        Code::OutOfRange,
        status.message(),
        status.details().to_vec().into(),
    )
}

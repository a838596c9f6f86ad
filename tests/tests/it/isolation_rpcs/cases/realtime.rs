//! The event log.

use voxanne_proto::realtime::v1::{GetHeadRequest, ReplayRequest, SubscribeRequest};

use super::{Case, Of, Who};

pub(super) fn cases() -> Vec<Case> {
    let of = Of("realtime.v1.RealtimeService", Who::Owner);
    vec![
        of.nothing("GetHead", GetHeadRequest {}),
        of.nothing("Replay", ReplayRequest::default()),
        of.nothing("Subscribe", SubscribeRequest { after: 0 }),
    ]
}

//! Holds on the wire.

use voxanne_clock::to_proto;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{Hold, hold::NewHold};
use crate::{
    availability::{slot::local_text, slot_id::SlotIds},
    fields::{CallRef, Unacceptable},
};

impl NewHold {
    /// Reads a request; `ids` says what a slot id stands for.
    pub(crate) fn read(request: &proto::CreateHoldRequest, ids: &SlotIds) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let call = bad.take("callId", "CALL_ID", request.call_id.parse::<CallRef>());
        let unknown = Unacceptable("must be one that was offered in this call");
        let new = call.and_then(|call| {
            let slot = ids.read(&request.slot_id, &call).ok_or(unknown);
            let slot = bad.take("slotId", "SLOT_UNKNOWN", slot)?;
            Some(Self { slot, call })
        });
        bad.finish(new)
    }
}

impl From<Hold> for proto::Hold {
    fn from(hold: Hold) -> Self {
        Self {
            id: hold.id.to_string(),
            starts_at: Some(to_proto(hold.visit.from)),
            ends_at: Some(to_proto(hold.visit.to)),
            local_time: local_text(hold.local_time),
            time_zone: hold.time_zone,
            provider_id: hold.provider.to_string(),
            service_id: hold.service.to_string(),
            expires_at: Some(to_proto(hold.expires_at)),
        }
    }
}

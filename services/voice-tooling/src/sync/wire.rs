//! Sync states on the wire.

use voxanne_clock::to_proto;
use voxanne_proto::voice_tooling::v1 as proto;

use crate::sync::{State, Sync, ToolSync};

impl Sync {
    pub(crate) fn into_proto(self, tools: Vec<ToolSync>) -> proto::Sync {
        let waits = matches!(self.state, State::Pending | State::Failed);
        proto::Sync {
            state: self.state.as_str().to_owned(),
            cause: self.cause,
            tools: tools.into_iter().map(Into::into).collect(),
            next_attempt_at: waits.then(|| to_proto(self.next_attempt_at)),
        }
    }
}

impl From<ToolSync> for proto::ToolSync {
    fn from(tool: ToolSync) -> Self {
        Self {
            name: tool.name,
            state: tool.state.as_str().to_owned(),
            cause: tool.cause,
            vapi_tool_id: tool.vapi_tool_id.unwrap_or_default(),
            definition_hash: tool.definition_hash.unwrap_or_default(),
        }
    }
}

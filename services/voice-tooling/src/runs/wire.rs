//! Tool calls on the wire.

use voxanne_problem::{Problem, Violations};
use voxanne_proto::voice_tooling::v1::{
    RunToolRequest, RunToolResponse, run_tool_response::Outcome,
};

use crate::{
    calls::wire::{cut, require_id},
    runs::{Request, Said},
};

/// Vapi allows 80 characters.
const NAME: usize = 80;
const NUMBER: usize = 200;

impl TryFrom<RunToolRequest> for Request {
    type Error = Problem;

    fn try_from(request: RunToolRequest) -> Result<Self, Problem> {
        let mut violations = Violations::default();
        require_id(&mut violations, "vapiCallId", &request.vapi_call_id);
        require_id(&mut violations, "toolCallId", &request.tool_call_id);
        violations.finish(Some(Self {
            vapi_call_id: request.vapi_call_id,
            tool_call_id: request.tool_call_id,
            name: cut(request.name, NAME),
            arguments_json: request.arguments_json.into(),
            caller_number: cut(request.caller_number, NUMBER).into(),
        }))
    }
}

impl From<Said> for RunToolResponse {
    fn from(said: Said) -> Self {
        Self {
            outcome: Some(match said {
                Said::Result(line) => Outcome::Result(line.into_exposed()),
                Said::Error(sentence) => Outcome::Error(sentence.into_exposed()),
            }),
        }
    }
}

//! Calls on the wire.

use jiff::Timestamp;
use voxanne_clock::{from_proto, to_proto};
use voxanne_problem::{Problem, Violations};
use voxanne_proto::voice_tooling::v1 as proto;

use crate::calls::{Call, Report, ToolRun};

/// Vapi's ids are UUIDs, and a model provider's for tool calls some 30 characters.
const ID: usize = 200;
const TRANSCRIPT: usize = 1024 * 1024;
const SUMMARY: usize = 20_000;
const SHORT: usize = 200;
/// Ends a text that was longer.
const CUT: &str = " [cut]";

impl Report {
    /// Reads a request; `now` stands in for a time it does not give.
    pub(crate) fn read(request: proto::RecordCallRequest, now: Timestamp) -> Result<Self, Problem> {
        let mut violations = Violations::default();
        require_id(&mut violations, "vapiCallId", &request.vapi_call_id);
        let mut time = |field: &str, at: Option<prost_types::Timestamp>| {
            at.and_then(|at| violations.take(field, "FORMAT", from_proto(&at)))
        };
        let started_at = time("startedAt", request.started_at);
        let ended_at = time("endedAt", request.ended_at);
        let at = time("at", request.at).unwrap_or(now);
        let report = Self {
            ended: request.status == "ended"
                || ended_at.is_some()
                || !request.ended_reason.is_empty(),
            vapi_call_id: request.vapi_call_id,
            caller_number: cut(request.caller_number, SHORT).into(),
            ended_reason: cut(request.ended_reason, SHORT).into(),
            started_at,
            ended_at,
            transcript: cut(request.transcript, TRANSCRIPT).into(),
            summary: cut(request.summary, SUMMARY).into(),
            at,
        };
        violations.finish(Some(report))
    }
}

/// Notes that `field` is no id of Vapi's.
pub(crate) fn require_id(violations: &mut Violations, field: &str, id: &str) {
    if id.is_empty() || id.len() > ID || id.contains('\0') {
        let detail = format!("must be an id of 1 to {ID} characters");
        violations.add(field, "FORMAT", detail);
    }
}

/// `text` with at most `longest` bytes, with a mark at its end when it had more.
pub(crate) fn cut(mut text: String, longest: usize) -> String {
    // Postgres keeps no text with NUL in it.
    text.retain(|character| character != '\0');
    if text.len() > longest {
        text.truncate(text.floor_char_boundary(longest - CUT.len()));
        text.push_str(CUT);
    }
    text
}

/// A call with what its tools did.
pub(crate) fn shown((call, runs): (Call, Vec<ToolRun>)) -> proto::Call {
    let booking_ids = runs
        .iter()
        .filter_map(|run| run.booking_id)
        .map(|id| id.to_string())
        .collect();
    proto::Call {
        id: call.id.to_string(),
        status: call.status().to_owned(),
        vapi_call_id: call.vapi_call_id,
        caller_number: call.caller_number.into_exposed(),
        ended_reason: call.ended_reason.into_exposed(),
        started_at: Some(to_proto(call.started_at)),
        ended_at: call.ended_at.map(to_proto),
        transcript: call.transcript.into_exposed(),
        summary: call.summary.into_exposed(),
        tools: runs.into_iter().map(Into::into).collect(),
        booking_ids,
    }
}

impl From<ToolRun> for proto::ToolRun {
    fn from(run: ToolRun) -> Self {
        Self {
            tool_call_id: run.tool_call_id,
            name: run.name,
            outcome: run.outcome,
            text: run.text.into_exposed(),
            milliseconds: run.milliseconds.try_into().unwrap_or_default(),
            at: Some(to_proto(run.at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_a_character_and_marked() {
        assert_eq!(cut("short".into(), 10), "short");
        assert_eq!(cut("ééééé and more".into(), 11), "éé [cut]");
        assert!(cut("x".repeat(3 << 20), TRANSCRIPT).len() <= TRANSCRIPT);
    }
}

//! Passing on what Vapi tells of a call.

use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::voice_tooling::v1::RecordCallRequest;

use super::{
    assistants,
    message::{Call, EndOfCall},
    tenant,
};
use crate::App;

pub(super) fn status(call: &Call, status: String, ended_reason: String) -> RecordCallRequest {
    RecordCallRequest {
        status,
        ended_reason,
        ..about(call)
    }
}

pub(super) fn report(call: &Call, report: EndOfCall) -> RecordCallRequest {
    RecordCallRequest {
        status: "ended".to_owned(),
        ended_reason: report.ended_reason,
        transcript: report.transcript.into_exposed(),
        summary: report.summary.into_exposed(),
        ..about(call)
    }
}

/// Records `news`; of a call that is nobody's nothing is kept.
///
/// A failure is passed on as one, so that a sender that repeats its messages repeats this one.
pub(super) async fn record(
    app: &App,
    call: &Call,
    news: RecordCallRequest,
    deadline: Instant,
) -> Result<Value, Problem> {
    if call.id.is_none() {
        return Ok(json!({}));
    }
    let recording = async {
        let Some(org) = assistants::find(app, call.assistant_id.as_deref()).await? else {
            tracing::info!("news of a call whose assistant is nobody's");
            return Ok(());
        };
        let voice = &app.clients.voice_tooling;
        let request = voice.request(&tenant(org, call, deadline), news);
        voice.client().record_call(request).await?;
        Ok(())
    };
    let recorded: Result<Result<(), Problem>, _> = timeout_at(deadline, recording).await;
    recorded.map_err(|_| late())??;
    Ok(json!({}))
}

fn late() -> Problem {
    Problem::new(
        Kind::Timeout,
        "DEADLINE_EXCEEDED",
        "the answer took too long",
    )
}

fn about(call: &Call) -> RecordCallRequest {
    RecordCallRequest {
        vapi_call_id: call.id.clone().unwrap_or_default(),
        caller_number: call
            .caller_number
            .clone()
            .unwrap_or_default()
            .into_exposed(),
        started_at: call.started_at.map(voxanne_clock::to_proto),
        ended_at: call.ended_at.map(voxanne_clock::to_proto),
        at: call.at.map(voxanne_clock::to_proto),
        ..RecordCallRequest::default()
    }
}

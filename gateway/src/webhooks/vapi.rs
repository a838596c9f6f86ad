//! What Vapi sends: tool calls, which it wants answered at once, and news of calls.
//!
//! A request that proved where it comes from is answered with 200 whatever becomes of its tool
//! calls: Vapi ignores any other answer, and the caller would hear nothing.

pub(super) mod assistants;
mod authentic;
mod message;
mod record;
mod sentences;
mod tools;

use std::time::Duration;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Request, State},
};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use voxanne_ids::OrgId;
use voxanne_problem::{Kind, Problem};
use voxanne_tenant::{Caller, Tenant};

use self::{
    authentic::Proof,
    message::{Call, Content},
};
use super::{busy, intake};
use crate::{App, reply::Refusal, request_id};

/// A report carries the whole assistant and every word of the call.
const LARGEST_BODY: usize = 8 * 1024 * 1024;
/// How long a body may take whose sender has proved nothing yet: it holds one of few places.
const UNPROVEN_WITHIN: Duration = Duration::from_secs(4);
/// Vapi gives up at 7.5 s for some messages; the answer has to travel too.
const DEADLINE: Duration = Duration::from_secs(6);

/// Every server message of Vapi.
///
/// The sender proves itself by the header `X-Vapi-Secret`, by `Authorization: Bearer` with the same
/// secret, or by an HMAC-SHA256 of `{timestamp}.{body}` in `X-Signature` with `X-Timestamp`. Tool
/// calls are answered `{"results":[{"toolCallId","name","result"|"error"}]}`, in order, also when
/// a service is away; messages that nobody has a use for are answered `{}`.
#[utoipa::path(post, path = "/api/webhooks/vapi", tag = "webhooks",
    request_body(content = Value, description = "`{\"message\":{\"type\":…}}`, at most 8 MiB"),
    responses(
    (status = 200, description = "The answer that the message wants", body = Value),
    (status = 400, description = "MALFORMED_JSON"),
    (status = 401, description = "WEBHOOK_NOT_AUTHENTIC"),
    (status = 413, description = "BODY_TOO_LARGE"),
    (status = 503, description = "BUSY")))]
pub(crate) async fn message(
    State(app): State<App>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    answer(&app, None, request).await
}

/// The URL of one tool; `tool` is its name, also in kebab case.
///
/// The same messages and answers as of the webhook. The name in the URL stands in for a call
/// without one.
#[utoipa::path(post, path = "/api/vapi/tools/{tool}", tag = "webhooks",
    params(("tool" = String, Path, description = "`getCalendarSlots` or `get-calendar-slots`")),
    request_body(content = Value, description = "`{\"message\":{\"type\":…}}`, at most 8 MiB"),
    responses(
    (status = 200, description = "One result for each call, in order", body = Value),
    (status = 400, description = "MALFORMED_JSON"),
    (status = 401, description = "WEBHOOK_NOT_AUTHENTIC"),
    (status = 413, description = "BODY_TOO_LARGE"),
    (status = 503, description = "BUSY")))]
pub(crate) async fn tool(
    State(app): State<App>,
    Path(tool): Path<String>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    answer(&app, Some(&tool), request).await
}

async fn answer(app: &App, tool: Option<&str>, request: Request) -> Result<Json<Value>, Refusal> {
    let deadline = Instant::now() + DEADLINE;
    let body = authentic_body(app, request).await?;
    let message = message::read(&body).map_err(|_| unreadable())?;
    let reply = match message.content {
        Content::ToolCalls(calls) => {
            let round = tools::Round::new(app, &message.call, deadline);
            json!({ "results": round.answer(tool, calls).await })
        }
        // No number is known here that an assistant answers.
        Content::AssistantRequest => json!({ "error": sentences::NO_ASSISTANT }),
        Content::StatusUpdate {
            status,
            ended_reason,
        } => {
            let news = record::status(&message.call, status, ended_reason);
            record::record(app, &message.call, news, deadline).await?
        }
        Content::EndOfCall(report) => {
            let news = record::report(&message.call, report);
            record::record(app, &message.call, news, deadline).await?
        }
        Content::Other => json!({}),
    };
    Ok(Json(reply))
}

/// The body, when its sender is Vapi. One that offers no proof is refused unread.
async fn authentic_body(app: &App, request: Request) -> Result<Bytes, Refusal> {
    let (parts, body) = request.into_parts();
    let secret = &app.config.vapi_webhook_secret;
    let now = app.process.clock.now();
    let proof = authentic::proof(secret, &parts.headers, now).ok_or_else(not_authentic)?;
    let signature = match proof {
        Proof::Known => return intake::bytes(body, LARGEST_BODY).await,
        Proof::Signed(signature) => signature,
    };
    let _place = app.senders.unproven.try_acquire().map_err(|_| busy())?;
    let body = timeout(UNPROVEN_WITHIN, intake::bytes(body, LARGEST_BODY));
    let body = body.await.map_err(|_| too_slow())??;
    if signature.covers(secret, &body) {
        Ok(body)
    } else {
        Err(not_authentic().into())
    }
}

/// The proof that services ask for, for a call of an organisation's own assistant.
#[expect(
    clippy::disallowed_methods,
    reason = "the webhook's secret was verified and the organisation found by its assistant: this \
              is the authenticated edge"
)]
fn tenant(org: OrgId, call: &Call, deadline: Instant) -> Tenant {
    let caller = Caller::Call(call.id.clone().unwrap_or_default());
    Tenant::authenticated(org, caller, request_id::current())
        .within(deadline.saturating_duration_since(Instant::now()))
}

fn not_authentic() -> Problem {
    Problem::new(
        Kind::Unauthenticated,
        "WEBHOOK_NOT_AUTHENTIC",
        "the request does not prove that it comes from the provider",
    )
}

fn too_slow() -> Problem {
    Problem::new(Kind::Timeout, "DEADLINE_EXCEEDED", "the body took too long")
}

fn unreadable() -> Problem {
    Problem::new(
        Kind::Invalid,
        "MALFORMED_JSON",
        "the body is no JSON with a message in it",
    )
}

//! Lets a fault strike before, after or instead of the answer.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{Mode, Target};
use crate::{Sandbox, google, twilio, vapi, wire::Wire};

pub(crate) async fn twilio(
    State(sandbox): State<Arc<Sandbox>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
    next: Next,
) -> Response {
    pass(&sandbox, &wire, Target::Twilio, (request, next)).await
}

pub(crate) async fn vapi(
    State(sandbox): State<Arc<Sandbox>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
    next: Next,
) -> Response {
    pass(&sandbox, &wire, Target::Vapi, (request, next)).await
}

pub(crate) async fn google(
    State(sandbox): State<Arc<Sandbox>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
    next: Next,
) -> Response {
    pass(&sandbox, &wire, Target::Google, (request, next)).await
}

async fn pass(
    sandbox: &Sandbox,
    wire: &Wire,
    target: Target,
    (request, next): (Request, Next),
) -> Response {
    let changes_something = request.method() != Method::GET;
    let Some(fault) = sandbox.faults.meet(target, changes_something) else {
        return next.run(request).await;
    };
    match fault.mode {
        Mode::Down => unanswered(wire),
        Mode::Error => failure(target, StatusCode::INTERNAL_SERVER_ERROR),
        Mode::RateLimited => failure(target, StatusCode::TOO_MANY_REQUESTS),
        Mode::Slow => {
            pause(sandbox, fault.wait()).await;
            next.run(request).await
        }
        Mode::TimeoutAfterAccept => {
            let answer = next.run(request).await;
            pause(sandbox, fault.wait()).await;
            drop(answer);
            unanswered(wire)
        }
        // The registry never hands these out for a request.
        Mode::DuplicateCallbacks | Mode::ReorderCallbacks | Mode::DropCallbacks => {
            next.run(request).await
        }
    }
}

/// Closes the connection; the response only makes the server try to write.
fn unanswered(wire: &Wire) -> Response {
    wire.cut();
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

fn failure(target: Target, status: StatusCode) -> Response {
    match target {
        Target::Twilio => twilio::refusal::Refusal::outage(status).into_response(),
        Target::Google => google::refusal::Refusal::outage(status).into_response(),
        Target::Vapi | Target::Llm | Target::Mail => {
            vapi::refusal::Refusal::outage(status).into_response()
        }
    }
}

async fn pause(sandbox: &Sandbox, wait: Duration) {
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        () = sandbox.stop.cancelled() => {}
    }
}

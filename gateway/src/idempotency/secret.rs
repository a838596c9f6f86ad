//! Answers that hold a secret, which is shown once and kept nowhere.

use axum::http::{Method, StatusCode};
use voxanne_idempotency::cache::{Answer, Place};
use voxanne_problem::{Kind, Problem};

use crate::reply::{PROBLEM_JSON, ProblemReply, Refusal};

/// What is remembered in the place of an answer that must not be: a repetition neither carries the
/// request out again nor learns the secret.
pub(super) fn instead(
    place: &Place<'_>,
    status: StatusCode,
    id: impl FnOnce() -> String,
) -> Option<Answer> {
    let shows = place.method == Method::POST.as_str()
        && (place.path == "/api-keys" || place.path.ends_with("/feed-key"));
    if !(shows && status.is_success()) {
        return None;
    }
    let refusal = Refusal::from(Problem::new(
        Kind::Conflict,
        "ANSWER_SHOWN_ONCE",
        "an earlier request with this key was carried out, and its answer held a secret that is shown once",
    ));
    let status = refusal.status().as_u16();
    let mut reply = ProblemReply::from(refusal);
    reply.request_id = id();
    Some(Answer {
        status,
        content_type: PROBLEM_JSON.to_owned(),
        body: reply.to_json(),
    })
}

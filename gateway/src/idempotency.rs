//! One intent, one effect: the layer that answers a repeated request with the first answer.

mod authority;
mod key;
mod secret;
#[cfg(test)]
mod tests;

use std::{panic::AssertUnwindSafe, time::Duration};

use axum::{
    body::{Body, Bytes, HttpBody as _, to_bytes},
    extract::{FromRequestParts, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::Instrument as _;
use voxanne_idempotency::{
    Fingerprint, Key, KeyedRequest,
    cache::{Answer, Known, Place},
    record,
};
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_telemetry::names;

use self::{
    authority::Authority,
    key::{canonical, key_of},
};
use crate::{
    App,
    auth::Member,
    body,
    reply::{self, PROBLEM_JSON, ProblemReply, Refusal},
    request_id,
};

pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// How long a repetition waits for the first request, where no service does the waiting.
const WAIT_FOR_FIRST: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Answers to changes are small; a larger one is passed on and not kept.
const LARGEST_KEPT: usize = 1024 * 1024;

/// The key a request came with, for services whose transaction decides.
#[derive(Clone, Debug, Default)]
pub struct Keyed(Option<KeyedRequest>);

impl Keyed {
    /// Sends the key along with a call.
    #[must_use]
    pub fn attach<T>(&self, mut request: tonic::Request<T>) -> tonic::Request<T> {
        if let Some(keyed) = &self.0 {
            keyed.attach(&mut request);
        }
        request
    }
}

impl<S: Sync> FromRequestParts<S> for Keyed {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

/// Marks an answer as one that was given before.
pub fn mark_replayed(response: &mut Response) {
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
}

pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let key = match key_of(request.headers()) {
        Ok(None) => return next.run(request).await,
        Ok(Some(key)) => key,
        Err(problem) => return Refusal::from(problem).into_response(),
    };
    let intent = match Intent::read(key, request).await {
        Ok(intent) => intent,
        Err(refusal) => return refusal.into_response(),
    };
    // On a task of its own: the effect and its record are finished even if the client leaves, and
    // its repetition then finds the answer.
    let tasks = app.process.tasks.clone();
    let id = request_id::current();
    let work = request_id::within(id, app.once(intent, next)).in_current_span();
    let work = tasks.spawn(work);
    work.await
        .unwrap_or_else(|panic| Refusal::from(Problem::internal(panic)).into_response())
}

/// A request with a key, and where its answer is kept.
struct Intent {
    org: OrgId,
    method: Method,
    path: String,
    keyed: KeyedRequest,
    request: Request,
}

impl Intent {
    async fn read(key: Key, request: Request) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let Some(member) = parts.extensions.get::<Member>() else {
            return Err(Problem::internal("keys need an organisation").into());
        };
        let org = member.0.org();
        let body = body::whole(body).await?;
        let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
        let fingerprint = Fingerprint::of(&[
            method.as_str().as_bytes(),
            path.as_bytes(),
            &canonical(&body),
        ]);
        let keyed = KeyedRequest { key, fingerprint };
        parts.extensions.insert(Keyed(Some(keyed.clone())));
        Ok(Self {
            org,
            method,
            path,
            keyed,
            request: Request::from_parts(parts, Body::from(body)),
        })
    }
}

impl App {
    async fn once(self, intent: Intent, next: Next) -> Response {
        let Intent {
            org,
            method,
            path,
            keyed,
            request,
        } = intent;
        let authority = Authority::of(&method, &path);
        let place = Place {
            org,
            method: method.as_str(),
            path: &path,
            keyed: &keyed,
        };
        if let Some(answer) = self.earlier(&place, authority).await {
            return answer;
        }
        // A panic must pass by the mark too: nobody may wait for an answer that never comes.
        let response = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let response = response.unwrap_or_else(reply::panicked);
        self.remember(&place, authority, response).await
    }

    /// The answer to an earlier request with this key. Without one the request is this one's to
    /// carry out.
    async fn earlier(&self, place: &Place<'_>, authority: Authority) -> Option<Response> {
        let until = Instant::now() + WAIT_FOR_FIRST;
        loop {
            match self.answers.look_up(place).await {
                Known::Finished(answer) => return Some(replay(answer)),
                Known::Reused => return Some(refuse("reused", record::reused())),
                Known::Unknown if authority == Authority::Postgres => return None,
                Known::Unknown if self.answers.mark(place).await => return None,
                Known::Unknown | Known::Running => {}
            }
            if Instant::now() >= until {
                return Some(refuse("in_progress", record::still_running()));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn remember(
        &self,
        place: &Place<'_>,
        authority: Authority,
        response: Response,
    ) -> Response {
        let (mut parts, body) = response.into_parts();
        let reply = parts.extensions.get::<ProblemReply>().cloned();
        let is_small = body.size_hint().lower() <= LARGEST_KEPT as u64;
        if !(is_small && is_kept(parts.status, reply.as_ref())) {
            self.unmark(place, authority).await;
            return Response::from_parts(parts, body);
        }
        let mut body = match to_bytes(body, LARGEST_KEPT).await {
            Ok(body) => body,
            Err(error) => {
                self.unmark(place, authority).await;
                return Refusal::from(Problem::internal(error)).into_response();
            }
        };
        if let Some(mut reply) = reply {
            // A refusal is repeated byte for byte, also when Postgres remembers it and another
            // process words it: its id is then the intent's and not one request's.
            reply.request_id = intent_id(place);
            body = Bytes::from(reply.to_json());
            parts.headers.remove(header::CONTENT_LENGTH);
            parts.extensions.insert(reply);
        }
        if let Some(answer) = secret::instead(place, parts.status, || intent_id(place)) {
            self.answers.keep(place, answer).await;
            return Response::from_parts(parts, Body::from(body));
        }
        let content_type = parts.headers.get(header::CONTENT_TYPE);
        let answer = Answer {
            status: parts.status.as_u16(),
            content_type: content_type
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        self.answers.keep(place, answer).await;
        count(if parts.headers.contains_key(REPLAYED) {
            "replayed"
        } else {
            "first"
        });
        Response::from_parts(parts, Body::from(body))
    }

    async fn unmark(&self, place: &Place<'_>, authority: Authority) {
        if authority == Authority::Cache {
            self.answers.forget(place).await;
        }
    }
}

/// An outcome that a repetition may well change, or that a mended request replaces, is not kept.
fn is_kept(status: StatusCode, reply: Option<&ProblemReply>) -> bool {
    let running = reply.is_some_and(|reply| reply.code == "IDEMPOTENCY_IN_PROGRESS");
    let passing = matches!(
        status,
        StatusCode::BAD_REQUEST
            | StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::UNPROCESSABLE_ENTITY
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::METHOD_NOT_ALLOWED
    );
    !(running || passing || status.is_server_error())
}

fn intent_id(place: &Place<'_>) -> String {
    let org = place.org.to_string();
    let parts = [
        org.as_str(),
        place.method,
        place.path,
        place.keyed.key.as_str(),
    ];
    let hex = Fingerprint::of(&parts.map(str::as_bytes)).to_hex();
    let id = format!("req_{}", &hex[..32]);
    tracing::info!(
        { names::REQUEST_ID } = request_id::current(),
        intent = id,
        "a request with an idempotency key was refused"
    );
    id
}

fn replay(answer: Answer) -> Response {
    count("replayed");
    // A refusal stays known as one, so that the layers around treat it as they did the first.
    let refusal = (answer.content_type == PROBLEM_JSON)
        .then(|| serde_json::from_str::<ProblemReply>(&answer.body).ok())
        .flatten();
    let mut response = Response::new(Body::from(answer.body));
    if let Some(refusal) = refusal {
        response.extensions_mut().insert(refusal);
    }
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::try_from(answer.content_type)
        && !value.is_empty()
    {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    mark_replayed(&mut response);
    response
}

fn refuse(outcome: &'static str, problem: Problem) -> Response {
    count(outcome);
    Refusal::from(problem).into_response()
}

fn count(outcome: &'static str) {
    metrics::counter!(names::IDEMPOTENCY, "outcome" => outcome).increment(1);
}

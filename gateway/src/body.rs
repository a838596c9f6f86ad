//! What a client sent, as a value that keeps every rule of its schema.

mod forms;
mod strict;

use std::time::Duration;

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use voxanne_problem::{Kind, Problem, Violations};

pub use self::forms::Forms;
use crate::{App, reply::Refusal};

/// How long a body may take: a quarter of a megabyte in this time is a very slow line.
const PATIENCE: Duration = Duration::from_secs(10);

const JSON: &str = "application/json";

/// The body of a request.
pub trait Form: ToSchema + DeserializeOwned + Send + 'static {
    /// Whether no body at all means an empty object.
    const MAY_BE_ABSENT: bool = false;

    /// What a schema cannot say, such as "one of these two"; `form` may break the schema too.
    fn rules(_form: &Value, _wrong: &mut Violations) {}
}

/// A JSON body. A refusal names every field that is wrong.
pub struct Body<T>(pub T);

impl<T: Form> FromRequest<App> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let is_json = is_one_of(&[JSON], request.headers());
        let bytes = whole(request.into_body()).await?;
        let form = match bytes.is_empty() && T::MAY_BE_ABSENT {
            true => Value::Object(Map::new()),
            false if is_json => strict::read(&bytes).map_err(|_| malformed())?,
            false => return Err(other_type()),
        };
        let schema = app.forms.body::<T>()?;
        let mut wrong = Violations::default();
        schema.check(&form, &mut wrong);
        T::rules(&form, &mut wrong);
        let form = wrong.finish(Some(form))?;
        read(form).map(Self)
    }
}

/// The parameters after the question mark. A refusal names every one that is wrong.
pub struct Parameters<T>(pub T);

impl<T: IntoParams + DeserializeOwned + Send + 'static> FromRequestParts<App> for Parameters<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let text = parts.uri.query().unwrap_or_default();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).map_err(|_| {
            Problem::new(
                Kind::Invalid,
                "MALFORMED_QUERY",
                "the query is not well formed",
            )
        })?;
        let schema = app.forms.query::<T>()?;
        let mut wrong = Violations::default();
        let form = schema.collect(pairs, &mut wrong);
        schema.check(&form, &mut wrong);
        let form = wrong.finish(Some(form))?;
        read(form).map(Self)
    }
}

/// A body that is JSON of this media type, or plainly JSON.
pub(crate) async fn json(request: Request, kind: &str) -> Result<Value, Refusal> {
    let is_known = is_one_of(&[kind, JSON], request.headers());
    let bytes = whole(request.into_body()).await?;
    if !is_known {
        return Err(other_type());
    }
    strict::read(&bytes).map_err(|_| malformed())
}

/// All of a body, unless it takes too long.
pub(crate) async fn whole(body: axum::body::Body) -> Result<Bytes, Refusal> {
    // The layer around the route knows how large it may be.
    match tokio::time::timeout(PATIENCE, to_bytes(body, usize::MAX)).await {
        Ok(read) => read.map_err(unreadable),
        Err(_) => Err(Refusal::with_status(
            StatusCode::REQUEST_TIMEOUT,
            "BODY_TOO_SLOW",
            "the body took too long to come",
        )),
    }
}

/// A body that ended early or grew past the limit of its route.
pub(crate) fn unreadable(error: impl Into<axum::BoxError>) -> Refusal {
    let error = error.into();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&*error);
    while let Some(this) = cause {
        if this.is::<http_body_util::LengthLimitError>() {
            return Refusal::too_large();
        }
        cause = this.source();
    }
    Problem::new(
        Kind::Invalid,
        "BODY_UNREADABLE",
        "the body could not be read",
    )
    .caused_by(error)
    .into()
}

fn is_one_of(kinds: &[&str], headers: &HeaderMap) -> bool {
    let Some(text) = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let mut parts = text.split(';').map(str::trim);
    let is_known = parts
        .next()
        .is_some_and(|essence| kinds.iter().any(|kind| essence.eq_ignore_ascii_case(kind)));
    // JSON is UTF-8; somebody who says otherwise means other characters than would be read.
    is_known && parts.all(|parameter| !is_other_charset(parameter))
}

fn is_other_charset(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8")
    })
}

/// Whether `form` has a value in `field`.
pub(crate) fn is_given(form: &Value, field: &str) -> bool {
    form.get(field).is_some_and(|value| !value.is_null())
}

fn other_type() -> Refusal {
    Refusal::with_status(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        "send the body as application/json",
    )
}

fn malformed() -> Refusal {
    Problem::new(Kind::Invalid, "MALFORMED_JSON", "the body is not JSON").into()
}

fn read<T: DeserializeOwned>(form: Value) -> Result<T, Refusal> {
    // The schema is made from the same type, so a difference between them is ours. The error may
    // quote the value, so only its kind is kept.
    serde_json::from_value(form).map_err(|error| {
        let what = format!(
            "a form passed its schema and not its type: {:?}",
            error.classify()
        );
        Problem::internal(what).into()
    })
}

//! What went wrong, in the one form that crosses every boundary of the fleet.
//!
//! Between services a [`Problem`] rides in the `google.rpc` details of a gRPC status
//! (`ErrorInfo`, `BadRequest`, `RetryInfo`); at the edge it becomes RFC 9457 `problem+json`.

mod grpc;

use std::{borrow::Cow, error::Error, fmt, time::Duration};

/// What a caller can do about a problem; closed, so that every boundary maps all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Fix the named fields.
    Invalid,
    /// The request is well formed but contradicts itself or an earlier one.
    Unprocessable,
    /// Sign in.
    Unauthenticated,
    /// Ask an administrator; only where existence is no secret.
    Forbidden,
    /// Unknown, or another organisation's.
    NotFound,
    /// It was there and works no more; ask for a new one.
    Gone,
    /// Read again, then choose again.
    Conflict,
    /// Wait for `retry_after`.
    RateLimited,
    /// Retry the same call.
    Unavailable,
    /// Retry if the call is idempotent.
    Timeout,
    /// Report the request id.
    Internal,
}

/// One field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field as the client wrote it, e.g. `patient.phone`.
    pub field: String,
    /// Stable `SCREAMING_SNAKE` reason.
    pub code: String,
    /// A sentence for a person.
    pub detail: String,
}

/// A failure as a caller may see it; the cause stays inside the process.
#[derive(Debug)]
pub struct Problem {
    pub kind: Kind,
    /// Stable `SCREAMING_SNAKE` code, listed in `docs/errors.md`.
    pub reason: Cow<'static, str>,
    /// Safe to show to a customer.
    pub message: String,
    pub violations: Vec<Violation>,
    pub retry_after: Option<Duration>,
    /// What else the caller needs to go on, e.g. the alternatives to a taken slot, as JSON text.
    pub extension: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Problem {
    pub fn new(kind: Kind, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            reason: Cow::Borrowed(reason),
            message: message.into(),
            violations: Vec::new(),
            retry_after: None,
            extension: None,
            source: None,
        }
    }

    /// Nothing the caller can mend; `source` is logged at the boundary and never shown.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(
            Kind::Internal,
            "INTERNAL",
            "something went wrong on our side",
        )
        .caused_by(source)
    }

    /// Something we depend on is away; the same call may work in a moment.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(
            Kind::Unavailable,
            "UNAVAILABLE",
            "a part of the service is away, try again",
        )
        .retry_after(Duration::from_secs(1))
        .caused_by(source)
    }

    pub fn not_found(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, reason, message)
    }

    /// One problem that names every bad field.
    pub fn invalid(violations: Vec<Violation>) -> Self {
        Self {
            violations,
            ..Self::new(
                Kind::Invalid,
                "INVALID",
                "the request has fields that are not acceptable",
            )
        }
    }

    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    #[must_use]
    pub fn with_extension(mut self, json: impl Into<String>) -> Self {
        self.extension = Some(json.into());
        self
    }

    /// Writes the cause to the log, once, where the problem leaves the process.
    pub fn log(&self) {
        let Some(source) = &self.source else { return };
        let cause = Chain(source.as_ref());
        match self.kind {
            Kind::Internal => tracing::error!(reason = %self.reason, %cause, "request failed"),
            Kind::Unavailable | Kind::Timeout => {
                tracing::warn!(reason = %self.reason, %cause, "dependency away");
            }
            Kind::Invalid
            | Kind::Unprocessable
            | Kind::Unauthenticated
            | Kind::Forbidden
            | Kind::NotFound
            | Kind::Gone
            | Kind::Conflict
            | Kind::RateLimited => {
                tracing::info!(reason = %self.reason, %cause, "request refused");
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.message)
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

struct Chain<'a>(&'a (dyn Error + Send + Sync));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}

/// Gathers every bad field before refusing, so that a client mends its request once.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    pub fn add(&mut self, field: impl Into<String>, code: &str, detail: impl Into<String>) {
        self.0.push(Violation {
            field: field.into(),
            code: code.to_owned(),
            detail: detail.into(),
        });
    }

    /// Keeps the value, or notes why `field` has none.
    pub fn take<T, E: fmt::Display>(
        &mut self,
        field: &str,
        code: &str,
        value: Result<T, E>,
    ) -> Option<T> {
        value
            .map_err(|error| self.add(field, code, error.to_string()))
            .ok()
    }

    /// Gives `value` when nothing was noted. A missing value without a note is a bug.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Problem::invalid(self.0)),
        }
    }
}

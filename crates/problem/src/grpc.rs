//! [`Problem`] as a gRPC status and back, by `google.rpc` error details.

use std::{borrow::Cow, collections::HashMap};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{Kind, Problem, Violation};

/// The `ErrorInfo.domain` of every problem this fleet makes.
const DOMAIN: &str = "voxanne";

const EXTENSION: &str = "extension";

impl Kind {
    const fn code(self) -> Code {
        match self {
            Self::Invalid => Code::InvalidArgument,
            Self::Unprocessable => Code::FailedPrecondition,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden => Code::PermissionDenied,
            Self::NotFound => Code::NotFound,
            // The code that says "past its end", and that nothing else of ours uses.
            Self::Gone => Code::OutOfRange,
            Self::Conflict => Code::Aborted,
            Self::RateLimited => Code::ResourceExhausted,
            Self::Unavailable => Code::Unavailable,
            Self::Timeout => Code::DeadlineExceeded,
            Self::Internal => Code::Internal,
        }
    }

    const fn from_code(code: Code) -> Self {
        match code {
            Code::InvalidArgument => Self::Invalid,
            Code::FailedPrecondition => Self::Unprocessable,
            Code::Unauthenticated => Self::Unauthenticated,
            Code::PermissionDenied => Self::Forbidden,
            Code::NotFound => Self::NotFound,
            Code::OutOfRange => Self::Gone,
            Code::Aborted => Self::Conflict,
            Code::ResourceExhausted => Self::RateLimited,
            Code::Unavailable => Self::Unavailable,
            Code::DeadlineExceeded | Code::Cancelled => Self::Timeout,
            _ => Self::Internal,
        }
    }
}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        problem.log();
        let mut metadata = HashMap::new();
        if let Some(json) = problem.extension {
            metadata.insert(EXTENSION.to_owned(), json);
        }
        let mut details = ErrorDetails::with_error_info(problem.reason, DOMAIN, metadata);
        if problem.retry_after.is_some() {
            details.set_retry_info(problem.retry_after);
        }
        for violation in problem.violations {
            // `FieldViolation` has no field for our code, so it leads the description.
            details.add_bad_request_violation(
                violation.field,
                format!("{}: {}", violation.code, violation.detail),
            );
        }
        Self::with_error_details(problem.kind.code(), problem.message, details)
    }
}

/// Rebuilds what a service of ours said. A status made by anything else, a proxy or the transport,
/// keeps its kind and loses its text, which may not be fit for a customer.
impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let kind = Kind::from_code(status.code());
        let Some(info) = details.error_info().filter(|info| info.domain == DOMAIN) else {
            return foreign(kind, status);
        };
        Self {
            reason: Cow::Owned(info.reason.clone()),
            extension: info.metadata.get(EXTENSION).cloned(),
            retry_after: details.retry_info().and_then(|retry| retry.retry_delay),
            violations: details
                .bad_request()
                .map(|bad| bad.field_violations.iter().map(violation).collect())
                .unwrap_or_default(),
            ..Self::new(kind, "", status.message())
        }
    }
}

fn violation(field: &tonic_types::FieldViolation) -> Violation {
    let (code, detail) = field
        .description
        .split_once(": ")
        .unwrap_or(("INVALID", &field.description));
    Violation {
        field: field.field.clone(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}

fn foreign(kind: Kind, status: Status) -> Problem {
    match kind {
        Kind::Unavailable => Problem::unavailable(status),
        Kind::Timeout => Problem::new(
            Kind::Timeout,
            "DEADLINE_EXCEEDED",
            "the answer took too long",
        )
        .caused_by(status),
        Kind::Invalid
        | Kind::Unprocessable
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::Gone
        | Kind::Conflict
        | Kind::RateLimited
        | Kind::Internal => Problem::internal(status),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const KINDS: [Kind; 11] = [
        Kind::Invalid,
        Kind::Unprocessable,
        Kind::Unauthenticated,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::Gone,
        Kind::Conflict,
        Kind::RateLimited,
        Kind::Unavailable,
        Kind::Timeout,
        Kind::Internal,
    ];

    #[test]
    fn a_problem_survives_the_wire() {
        for kind in KINDS {
            let sent = Problem {
                violations: vec![Violation {
                    field: "patient.phone".into(),
                    code: "PHONE".into(),
                    detail: "is not: a phone number".into(),
                }],
                ..Problem::new(kind, "SLOT_TAKEN", "that time was just taken")
            }
            .retry_after(Duration::from_secs(2))
            .with_extension(r#"{"alternatives":[]}"#);
            let violations = sent.violations.clone();
            let got = Problem::from(Status::from(sent));
            assert_eq!((got.kind, &*got.reason), (kind, "SLOT_TAKEN"));
            assert_eq!(got.message, "that time was just taken");
            assert_eq!(got.violations, violations);
            assert_eq!(got.retry_after, Some(Duration::from_secs(2)));
            assert_eq!(got.extension.as_deref(), Some(r#"{"alternatives":[]}"#));
        }
    }

    #[test]
    fn the_cause_stays_inside() {
        let status = Status::from(Problem::internal("password=hunter2"));
        assert!(!format!("{status:?}").contains("hunter2"));
    }

    #[test]
    fn a_foreign_status_loses_its_text() {
        let got = Problem::from(Status::not_found("row 7 of table secrets"));
        assert_eq!((got.kind, &*got.reason), (Kind::Internal, "INTERNAL"));
        assert!(!got.message.contains("secrets"));
        let got = Problem::from(Status::unavailable("tcp connect error"));
        assert_eq!((got.kind, &*got.reason), (Kind::Unavailable, "UNAVAILABLE"));
    }
}

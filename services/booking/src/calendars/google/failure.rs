//! What Google's refusals mean.

use std::time::Duration;

use serde::Deserialize;

/// Why a call came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The access token is not good any more; another one may be.
    TokenOver,
    /// The consent was taken back, or never covered this.
    Withdrawn,
    /// Nothing is there.
    Missing,
    /// An event with this id is, or was, there.
    Exists,
    /// It was deleted, or a sync token is too old.
    Gone,
    /// It has changed since we looked.
    Changed,
    /// Asked too often.
    Busy(Option<Duration>),
    /// No answer, or trouble of Google's own.
    Away,
    /// Nobody is asked for a while, after Google was away again and again.
    Paused(Duration),
    /// Google does not take what we sent: a fault of ours.
    Refused(u16),
    /// Google's answer is not what was agreed on.
    Unreadable,
}

#[derive(Deserialize)]
struct Answer {
    error: Details,
}

#[derive(Deserialize)]
struct Details {
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    reason: String,
}

const SLOW_DOWN: [&str; 4] = [
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "quotaExceeded",
    "dailyLimitExceeded",
];

impl Failure {
    pub(crate) fn classify(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Self {
        let answer = serde_json::from_slice::<Answer>(body).ok();
        let reasons = answer.map(|answer| answer.error.errors).unwrap_or_default();
        let says = |words: &[&str]| reasons.iter().any(|one| words.contains(&&*one.reason));
        match status {
            401 => Self::TokenOver,
            403 if says(&SLOW_DOWN) => Self::Busy(retry_after),
            403 if says(&["insufficientPermissions"]) => Self::Withdrawn,
            404 => Self::Missing,
            409 => Self::Exists,
            410 => Self::Gone,
            412 => Self::Changed,
            408 | 429 => Self::Busy(retry_after),
            500.. => Self::Away,
            status => Self::Refused(status),
        }
    }

    /// For the metrics.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::TokenOver => "token_over",
            Self::Withdrawn => "withdrawn",
            Self::Missing => "missing",
            Self::Exists => "exists",
            Self::Gone => "gone",
            Self::Changed => "changed",
            Self::Busy(_) => "busy",
            Self::Away => "away",
            Self::Paused(_) => "paused",
            Self::Refused(_) => "refused",
            Self::Unreadable => "unreadable",
        }
    }

    /// Whether the organisation's calls should pause: Google itself is not well.
    pub(crate) const fn is_outage(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Away | Self::Unreadable)
    }

    /// The pause that was asked for.
    pub(crate) const fn wait(&self) -> Duration {
        match self {
            Self::Busy(Some(wait)) | Self::Paused(wait) => *wait,
            _ => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_from_an_outage_by_its_reason() {
        let body = |reason: &str| {
            format!(r#"{{"error":{{"code":403,"errors":[{{"domain":"x","reason":"{reason}"}}]}}}}"#)
        };
        for (status, reason, failure) in [
            (401, "authError", Failure::TokenOver),
            (403, "rateLimitExceeded", Failure::Busy(None)),
            (403, "userRateLimitExceeded", Failure::Busy(None)),
            (403, "insufficientPermissions", Failure::Withdrawn),
            (403, "forbidden", Failure::Refused(403)),
            (404, "notFound", Failure::Missing),
            (409, "duplicate", Failure::Exists),
            (410, "fullSyncRequired", Failure::Gone),
            (412, "conditionNotMet", Failure::Changed),
            (429, "rateLimitExceeded", Failure::Busy(None)),
            (400, "invalid", Failure::Refused(400)),
            (500, "backendError", Failure::Away),
            (503, "backendError", Failure::Away),
        ] {
            let read = Failure::classify(status, None, body(reason).as_bytes());
            assert_eq!(read, failure, "{status} {reason}");
        }
        let asked = Some(Duration::from_secs(7));
        assert_eq!(
            Failure::classify(429, asked, b"<html>"),
            Failure::Busy(asked)
        );
    }
}

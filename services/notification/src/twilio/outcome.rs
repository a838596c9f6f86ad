//! What an answer to a send means for the message.

use std::time::Duration;

use serde::Deserialize;

use super::codes;
use crate::messages::Cause;

/// A sender's queue at Twilio that is hours long does not empty in seconds.
const QUEUE_FULL: Duration = Duration::from_secs(300);
/// Twilio forbids more than so many answers between two numbers in half a minute.
const LOOP_GUARD: Duration = Duration::from_secs(30);

/// How a call to send ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Twilio took the text and calls it by this id.
    Accepted(String),
    /// Twilio will never send it.
    Refused(Cause),
    /// Twilio will not send to somebody who opted out.
    OptedOut(Cause),
    /// Nothing is sent for this clinic until its account is put right.
    AccountRefused(Cause),
    /// Twilio did not process the call; it may be made again.
    Busy(Option<Duration>),
    /// Twilio was not reached.
    NotSent,
    /// Twilio may have taken the text. Calling again could send it twice.
    Unknown,
}

impl Outcome {
    /// A word for a metric's label.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Refused(_) => "refused",
            Self::OptedOut(_) => "opted_out",
            Self::AccountRefused(_) => "account_refused",
            Self::Busy(_) => "busy",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Default, Deserialize)]
struct Accepted {
    sid: Option<String>,
}

/// Twilio's classic and newer (RFC 9457) errors both have these names; either may be absent.
#[derive(Default, Deserialize)]
struct Refusal {
    code: Option<u32>,
}

/// Reads an answer. What is neither a clear yes nor a clear no is [`Outcome::Unknown`].
pub(crate) fn classify(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Outcome {
    match status {
        200..=299 => {
            let answer: Accepted = serde_json::from_slice(body).unwrap_or_default();
            let sid = answer.sid.filter(|sid| is_sid(sid));
            sid.map_or(Outcome::Unknown, Outcome::Accepted)
        }
        // 408: the server gave up reading, and cannot say how far it came.
        408 => Outcome::Unknown,
        400..=499 => {
            let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
            refused(status, refusal.code.unwrap_or_default(), retry_after)
        }
        _ => Outcome::Unknown,
    }
}

fn refused(status: u16, code: u32, retry_after: Option<Duration>) -> Outcome {
    let cause = Cause {
        words: codes::words(code),
        code,
    };
    match (status, code) {
        (429, _) | (_, 20429) => Outcome::Busy(retry_after),
        (_, 14107) => Outcome::Busy(Some(LOOP_GUARD)),
        (_, 21611) => Outcome::Busy(Some(QUEUE_FULL)),
        (_, 20005 | 20006) => Outcome::AccountRefused(cause),
        (401, _) | (_, 20003) => Outcome::AccountRefused(Cause {
            words: codes::words(20003),
            code: 20003,
        }),
        (_, 21610) => Outcome::OptedOut(cause),
        _ => Outcome::Refused(cause),
    }
}

/// `SM` or `MM` and 32 hex digits.
fn is_sid(text: &str) -> bool {
    let hex = text.strip_prefix("SM").or_else(|| text.strip_prefix("MM"));
    hex.is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SID: &str = "SM0123456789abcdef0123456789abcdef";

    fn word(status: u16, body: &str) -> &'static str {
        classify(status, None, body.as_bytes()).word()
    }

    #[test]
    fn every_answer_has_its_outcome() {
        let error = |code: u32| format!(r#"{{"code":{code},"message":"m","status":400}}"#);
        for (status, body, outcome) in [
            (
                201,
                format!(r#"{{"sid":"{SID}","status":"queued"}}"#),
                "accepted",
            ),
            (200, format!(r#"{{"sid":"{SID}"}}"#), "accepted"),
            (201, r#"{"sid":null}"#.to_owned(), "unknown"),
            (201, r#"{"sid":"AC1"}"#.to_owned(), "unknown"),
            (201, format!(r#"{{"sid":"{SID}"#), "unknown"),
            (201, "<html>".to_owned(), "unknown"),
            (204, String::new(), "unknown"),
            (302, String::new(), "unknown"),
            (400, error(21211), "refused"),
            (400, error(21614), "refused"),
            (400, error(21606), "refused"),
            (400, error(21408), "refused"),
            (400, error(21610), "opted_out"),
            (400, error(21611), "busy"),
            (400, error(14107), "busy"),
            (400, error(99999), "refused"),
            (400, "no json".to_owned(), "refused"),
            (401, error(20003), "account_refused"),
            (401, String::new(), "account_refused"),
            (403, error(20005), "account_refused"),
            (403, error(20006), "account_refused"),
            (403, String::new(), "refused"),
            (404, error(20404), "refused"),
            (408, String::new(), "unknown"),
            (429, error(20429), "busy"),
            (429, String::new(), "busy"),
            (500, error(20500), "unknown"),
            (503, error(20503), "unknown"),
            (504, String::new(), "unknown"),
        ] {
            assert_eq!(word(status, &body), outcome, "{status} {body}");
        }
    }

    #[test]
    fn a_refusal_tells_its_code_in_words() {
        let Outcome::Refused(cause) = classify(400, None, br#"{"code":21211}"#) else {
            panic!("a bad number is refused");
        };
        assert_eq!(cause.code, 21211);
        assert!(cause.words.contains("number"), "{}", cause.words);
    }

    #[test]
    fn a_wait_that_twilio_asks_for_is_kept() {
        let wait = Duration::from_secs(7);
        assert_eq!(classify(429, Some(wait), b""), Outcome::Busy(Some(wait)));
        assert_eq!(classify(429, None, b""), Outcome::Busy(None));
    }
}

//! Running a tool call: what the agent hears is always an answer.

pub(crate) mod book;
pub(crate) mod number;
pub(crate) mod refuse;
pub(crate) mod run;
pub(crate) mod slots;
pub(crate) mod spoken;
pub(crate) mod store;
pub(crate) mod wire;

use serde_json::{Value, json};
use voxanne_ids::BookingId;
use voxanne_privacy::Private;

/// The longest sentence an agent is given to say.
const LONGEST: usize = 500;

/// A tool call as Vapi sends it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) vapi_call_id: String,
    pub(crate) tool_call_id: String,
    pub(crate) name: String,
    pub(crate) arguments_json: Private<String>,
    pub(crate) caller_number: Private<String>,
}

/// What the agent is told, one line either way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// `{"say":"…","data":{…}}`
    Result(Private<String>),
    /// One plain sentence.
    Error(Private<String>),
}

/// The answer to a tool call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) said: Said,
    /// Whether a repetition gets the same; it does not when a dependency was away.
    pub(crate) settled: bool,
    pub(crate) booking_id: Option<BookingId>,
}

impl Answer {
    pub(crate) fn result(say: &str, data: &Value) -> Self {
        let line = json!({"say": one_line(say), "data": data}).to_string();
        Self {
            said: Said::Result(line.into()),
            settled: true,
            booking_id: None,
        }
    }

    pub(crate) fn error(sentence: &str) -> Self {
        Self {
            said: Said::Error(one_line(sentence).into()),
            settled: true,
            booking_id: None,
        }
    }

    /// The same answer for a call that may go better when it is repeated.
    pub(crate) fn for_now(self) -> Self {
        Self {
            settled: false,
            ..self
        }
    }
}

/// `text` without line breaks and other control characters, at most 500 characters long: Vapi
/// ignores a result of several lines.
fn one_line(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect();
    let words: Vec<_> = spaced.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_said_is_one_line_of_bounded_length() {
        let wild = format!("Line one\r\nand \"two\"\u{7} 🎉 {}", "x".repeat(10_000));
        for answer in [
            Answer::result(&wild, &json!({"note": "a\nb"})),
            Answer::error(&wild),
        ] {
            let (Said::Result(line) | Said::Error(line)) = answer.said;
            let line = line.into_exposed();
            assert!(!line.contains(['\n', '\r']));
            assert!(line.chars().count() < 600);
        }
        assert_eq!(one_line(" a\n\tb "), "a b");
    }
}

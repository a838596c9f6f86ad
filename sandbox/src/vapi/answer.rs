//! Reads the answer to a `tool-calls` webhook the way Vapi does.

use serde_json::Value;

/// What the model is told when an answer cannot be used.
const NO_RESULT: &str = "No result returned";

/// What came of one tool call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Result(String),
    Error(String),
    /// Nothing usable, and why: the model itself only hears "No result returned".
    Nothing(String),
}

impl Outcome {
    /// What the model hears.
    pub(crate) fn heard(&self) -> &str {
        match self {
            Self::Result(text) | Self::Error(text) => text,
            Self::Nothing(_) => NO_RESULT,
        }
    }
}

/// Finds the result of `tool_call_id` in an answer.
pub(crate) fn read(status: u16, body: &str, tool_call_id: &str) -> Outcome {
    if status != 200 {
        return nothing(format!("HTTP {status} instead of 200"));
    }
    let Ok(answer) = serde_json::from_str::<Value>(body) else {
        return nothing("the body is not JSON");
    };
    if let Some(error) = answer["error"].as_str() {
        return Outcome::Error(error.to_owned());
    }
    let Some(results) = answer["results"].as_array() else {
        return nothing("there is no `results` array");
    };
    let Some(result) = results
        .iter()
        .find(|result| result["toolCallId"] == tool_call_id)
    else {
        return nothing("no result carries the toolCallId");
    };
    match (result["result"].as_str(), result["error"].as_str()) {
        (Some(text), _) if text.contains(['\n', '\r']) => nothing("the result has several lines"),
        (Some(text), _) => Outcome::Result(text.to_owned()),
        (None, Some(text)) => Outcome::Error(text.to_owned()),
        (None, None) => nothing("neither `result` nor `error` is a string"),
    }
}

fn nothing(why: impl Into<String>) -> Outcome {
    Outcome::Nothing(why.into())
}

#[cfg(test)]
mod tests {
    use super::{Outcome, read};

    #[test]
    fn only_a_one_line_string_for_the_right_call_counts() {
        let cases = [
            (
                200,
                r#"{"results":[{"toolCallId":"c","name":"n","result":"ok"}]}"#,
                Some("ok"),
            ),
            (
                201,
                r#"{"results":[{"toolCallId":"c","name":"n","result":"ok"}]}"#,
                None,
            ),
            (
                200,
                r#"{"results":[{"toolCallId":"d","result":"ok"}]}"#,
                None,
            ),
            (
                200,
                r#"{"results":[{"toolCallId":"c","result":{"ok":1}}]}"#,
                None,
            ),
            (
                200,
                r#"{"results":[{"toolCallId":"c","result":"a\nb"}]}"#,
                None,
            ),
            (200, r#"{"result":"ok"}"#, None),
            (200, "ok", None),
        ];
        for (status, body, expected) in cases {
            let outcome = read(status, body, "c");
            match expected {
                Some(text) => assert_eq!(outcome, Outcome::Result(text.into()), "{body}"),
                None => assert_eq!(outcome.heard(), "No result returned", "{body}"),
            }
        }
    }

    #[test]
    fn an_error_is_told_in_its_own_words() {
        for body in [
            r#"{"error":"closed"}"#,
            r#"{"results":[{"toolCallId":"c","error":"closed"}]}"#,
        ] {
            assert_eq!(read(200, body, "c"), Outcome::Error("closed".into()));
        }
    }
}

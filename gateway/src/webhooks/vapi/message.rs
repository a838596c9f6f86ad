//! Reading what Vapi sends, whichever of its documented and undocumented shapes it takes.

mod report;
mod tool_calls;

use jiff::Timestamp;
use serde_json::Value;
use voxanne_privacy::Private;

pub(super) use self::tool_calls::{MAX_CALLS, ToolCall};

/// The body is no JSON, or not JSON with a message in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// One server message, as far as it concerns us.
#[derive(Debug, PartialEq)]
pub(super) struct Message {
    pub(super) call: Call,
    pub(super) content: Content,
}

/// The call a message is about. It may be older than the message itself.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Call {
    pub(super) id: Option<String>,
    pub(super) assistant_id: Option<String>,
    pub(super) caller_number: Option<Private<String>>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    /// When Vapi sent the message.
    pub(super) at: Option<Timestamp>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Content {
    ToolCalls(Vec<ToolCall>),
    /// Somebody calls a number that has no assistant of its own.
    AssistantRequest,
    /// The state of the call; both are empty when the message does not say.
    StatusUpdate {
        status: String,
        ended_reason: String,
    },
    EndOfCall(EndOfCall),
    /// A message nobody here has a use for.
    Other,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct EndOfCall {
    pub(super) ended_reason: String,
    pub(super) transcript: Private<String>,
    pub(super) summary: Private<String>,
}

/// Reads a body whose sender was authenticated.
pub(super) fn read(body: &[u8]) -> Result<Message, Unreadable> {
    let body: Value = serde_json::from_slice(body).map_err(|_| Unreadable)?;
    let message = body
        .get("message")
        .filter(|message| message.is_object())
        .ok_or(Unreadable)?;
    Ok(Message {
        call: call(message),
        content: content(message),
    })
}

fn content(message: &Value) -> Content {
    match text(message, &["type"]).unwrap_or_default() {
        "tool-calls" => Content::ToolCalls(tool_calls::read(message)),
        "assistant-request" => Content::AssistantRequest,
        "status-update" => Content::StatusUpdate {
            status: owned(message, &["status"]),
            ended_reason: owned(message, &["endedReason"]),
        },
        "end-of-call-report" => Content::EndOfCall(report::read(message)),
        _ => Content::Other,
    }
}

fn call(message: &Value) -> Call {
    let first = |paths: &[&[&str]]| {
        let mut texts = paths.iter().filter_map(|path| text(message, path));
        texts.next().map(str::to_owned)
    };
    let moment = |paths: &[&[&str]]| first(paths).and_then(|text| text.parse().ok());
    Call {
        id: first(&[&["call", "id"]]),
        assistant_id: first(&[
            &["call", "assistantId"],
            &["assistant", "id"],
            &["call", "assistant", "id"],
        ]),
        caller_number: first(&[&["customer", "number"], &["call", "customer", "number"]])
            .map(Private::new),
        started_at: moment(&[&["startedAt"], &["call", "startedAt"]]),
        ended_at: moment(&[&["endedAt"], &["call", "endedAt"]]),
        at: message.get("timestamp").and_then(milliseconds),
    }
}

fn milliseconds(value: &Value) -> Option<Timestamp> {
    let number = value.as_i64().or_else(|| {
        let text = value.as_f64()?.trunc().to_string();
        text.parse().ok()
    });
    Timestamp::from_millisecond(number?).ok()
}

/// The text at `path`; a null, an empty text and anything that is no text count as absent.
fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    let found = path.iter().try_fold(value, |value, name| value.get(name))?;
    found.as_str().filter(|text| !text.is_empty())
}

fn owned(value: &Value, path: &[&str]) -> String {
    text(value, path).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;

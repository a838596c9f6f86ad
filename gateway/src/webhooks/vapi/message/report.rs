//! The report at the end of a call.

use serde_json::Value;

use super::{EndOfCall, owned, text};

/// What the service keeps of one transcript.
const MAX_TRANSCRIPT: usize = 1024 * 1024;
const MAX_SUMMARY: usize = 16 * 1024;
const CUT: &str = "\n[cut]";

pub(super) fn read(message: &Value) -> EndOfCall {
    let first = |paths: [&[&str]; 2]| paths.into_iter().find_map(|path| text(message, path));
    let transcript = first([&["artifact", "transcript"], &["transcript"]])
        .map(str::to_owned)
        .unwrap_or_else(|| spoken(message));
    let summary = first([&["analysis", "summary"], &["summary"]]).unwrap_or_default();
    EndOfCall {
        ended_reason: owned(message, &["endedReason"]),
        transcript: cut(transcript, MAX_TRANSCRIPT).into(),
        summary: cut(summary.to_owned(), MAX_SUMMARY).into(),
    }
}

/// A transcript made of the messages, as Vapi writes one itself.
fn spoken(message: &Value) -> String {
    let artifact = message
        .get("artifact")
        .and_then(|value| value.get("messages"));
    let messages = artifact.or_else(|| message.get("messages"));
    let mut transcript = String::new();
    for one in messages.and_then(Value::as_array).into_iter().flatten() {
        let speaker = match text(one, &["role"]) {
            Some("bot" | "assistant") => "AI",
            Some("user") => "User",
            _ => continue,
        };
        let said = text(one, &["message"]).or_else(|| text(one, &["content"]));
        if let Some(said) = said {
            transcript.push_str(speaker);
            transcript.push_str(": ");
            transcript.push_str(said);
            transcript.push('\n');
        }
    }
    transcript
}

fn cut(mut text: String, limit: usize) -> String {
    if text.len() <= limit {
        return text;
    }
    let end = text.floor_char_boundary(limit - CUT.len());
    text.truncate(end);
    text.push_str(CUT);
    text
}

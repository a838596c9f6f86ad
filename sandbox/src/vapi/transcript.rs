//! What was said and done in a call, in the three forms that webhooks carry.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) enum Line {
    System(String),
    Bot(String),
    User(String),
    /// The model's request; the arguments are text, as model providers write them.
    ToolCall {
        id: String,
        name: String,
        arguments: String,
    },
    ToolResult {
        id: String,
        name: String,
        result: String,
    },
}

/// Lines kept of one call; the oldest make room.
const BOUND: usize = 2_000;

#[derive(Default)]
pub(crate) struct Transcript(VecDeque<(Timestamp, Line)>);

impl Transcript {
    pub(crate) fn push(&mut self, at: Timestamp, line: Line) {
        if self.0.len() == BOUND {
            self.0.pop_front();
        }
        self.0.push_back((at, line));
    }

    /// `artifact.messages`: with the time of each.
    pub(crate) fn messages(&self) -> Vec<Value> {
        let start = self.0.front().map_or(0, |(at, _)| at.as_millisecond());
        self.0
            .iter()
            .map(|(at, line)| timed(start, *at, line))
            .collect()
    }

    /// `artifact.messagesOpenAIFormatted`: as the model sees the call.
    pub(crate) fn openai(&self) -> Vec<Value> {
        self.0.iter().map(|(_, line)| formatted(line)).collect()
    }

    /// `artifact.transcript`: what was said, as one text.
    pub(crate) fn text(&self) -> String {
        let spoken = self.0.iter().filter_map(|(_, line)| match line {
            Line::Bot(text) => Some(format!("AI: {text}\n")),
            Line::User(text) => Some(format!("User: {text}\n")),
            Line::System(_) | Line::ToolCall { .. } | Line::ToolResult { .. } => None,
        });
        spoken.collect()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a call's length in milliseconds is far below 2^52"
)]
fn timed(start: i64, at: Timestamp, line: &Line) -> Value {
    let time = at.as_millisecond();
    let mut message = match line {
        Line::System(text) => json!({"role": "system", "message": text}),
        Line::Bot(text) => {
            json!({"role": "bot", "message": text, "endTime": time, "duration": 0, "source": ""})
        }
        Line::User(text) => {
            json!({"role": "user", "message": text, "endTime": time, "duration": 0})
        }
        Line::ToolCall {
            id,
            name,
            arguments,
        } => {
            json!({"role": "tool_calls", "message": "", "toolCalls": [tool_call(id, name, arguments)]})
        }
        Line::ToolResult { id, name, result } => {
            json!({"role": "tool_call_result", "toolCallId": id, "name": name, "result": result})
        }
    };
    message["time"] = time.into();
    message["secondsFromStart"] = json!((time - start) as f64 / 1000.0);
    message
}

fn formatted(line: &Line) -> Value {
    match line {
        Line::System(text) => json!({"role": "system", "content": text}),
        Line::Bot(text) => json!({"role": "assistant", "content": text}),
        Line::User(text) => json!({"role": "user", "content": text}),
        Line::ToolCall {
            id,
            name,
            arguments,
        } => {
            json!({"role": "assistant", "tool_calls": [tool_call(id, name, arguments)]})
        }
        Line::ToolResult { id, result, .. } => {
            json!({"role": "tool", "tool_call_id": id, "content": result})
        }
    }
}

fn tool_call(id: &str, name: &str, arguments: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

//! Answering tool calls: one result for each, in order, in time, whatever happens.

use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use voxanne_privacy::Private;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::voice_tooling::v1::{RunToolRequest, run_tool_response::Outcome};
use voxanne_tenant::Tenant;

use super::{
    assistants,
    message::{Call, MAX_CALLS, ToolCall},
    sentences, tenant,
};
use crate::App;

/// Calls of one message that run at the same time.
const AT_ONCE: usize = 8;

/// What Vapi is told of one tool call.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    tool_call_id: String,
    name: String,
    #[serde(flatten)]
    outcome: Told,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Told {
    Result(Private<String>),
    Error(Private<String>),
}

/// The tool calls of one message.
pub(super) struct Round<'a> {
    app: &'a App,
    call: &'a Call,
    deadline: Instant,
}

impl<'a> Round<'a> {
    pub(super) const fn new(app: &'a App, call: &'a Call, deadline: Instant) -> Self {
        Self {
            app,
            call,
            deadline,
        }
    }

    /// One answer for each of `calls`; `tool` names those that have no name.
    pub(super) async fn answer(&self, tool: Option<&str>, calls: Vec<ToolCall>) -> Vec<Answer> {
        let tenant = &self.tenant().await;
        stream::iter(calls.into_iter().enumerate())
            .map(|(place, mut call)| async move {
                if call.name.is_empty() {
                    call.name = camel_case(tool.unwrap_or_default());
                }
                let told = match tenant {
                    Err(sentence) => Told::Error((*sentence).into()),
                    Ok(_) if place >= MAX_CALLS => Told::Error(sentences::TOO_MANY.into()),
                    Ok(tenant) => self.run(tenant, &call).await,
                };
                Answer {
                    tool_call_id: call.id,
                    name: call.name,
                    outcome: told,
                }
            })
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    async fn tenant(&self) -> Result<Tenant, &'static str> {
        if self.call.id.is_none() {
            return Err(sentences::UNKNOWN_CALL);
        }
        let finding = assistants::find(self.app, self.call.assistant_id.as_deref());
        match timeout_at(self.deadline, finding).await {
            Ok(Ok(Some(org))) => Ok(tenant(org, self.call, self.deadline)),
            Ok(Ok(None)) => Err(sentences::UNKNOWN_ASSISTANT),
            Ok(Err(problem)) => {
                problem.log();
                Err(sentences::AWAY)
            }
            Err(_) => Err(sentences::LATE),
        }
    }

    async fn run(&self, tenant: &Tenant, call: &ToolCall) -> Told {
        if call.name.is_empty() {
            return Told::Error(sentences::NAMELESS.into());
        }
        let Some(arguments) = call.arguments.clone().filter(|_| !call.id.is_empty()) else {
            return Told::Error(sentences::UNREADABLE.into());
        };
        let name = camel_case(&call.name);
        let number = self.call.caller_number.as_ref();
        let number = number.map_or("", |number| number.expose());
        if self
            .app
            .limits
            .tool(tenant.org(), &name, number)
            .await
            .is_err()
        {
            return Told::Error(sentences::TOO_OFTEN.into());
        }
        let voice = &self.app.clients.voice_tooling;
        let wanted = RunToolRequest {
            vapi_call_id: self.call.id.clone().unwrap_or_default(),
            tool_call_id: call.id.clone(),
            name,
            arguments_json: Value::Object(arguments.into_exposed()).to_string(),
            caller_number: number.to_owned(),
        };
        let mut client = voice.client();
        let running = client.run_tool(voice.request(tenant, wanted));
        match timeout_at(self.deadline, running).await {
            Ok(Ok(ran)) => match ran.into_inner().outcome {
                Some(Outcome::Result(text)) => Told::Result(single_line(&text).into()),
                Some(Outcome::Error(text)) => Told::Error(single_line(&text).into()),
                None => Told::Error(sentences::AWAY.into()),
            },
            Ok(Err(status)) => Told::Error(sentence(&Problem::from(status)).into()),
            Err(_) => Told::Error(sentences::LATE.into()),
        }
    }
}

fn sentence(problem: &Problem) -> &'static str {
    problem.log();
    tracing::warn!(reason = %problem.reason, "a tool call was not answered");
    match problem.kind {
        Kind::Timeout => sentences::LATE,
        Kind::Invalid => sentences::UNREADABLE,
        Kind::Unprocessable
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::Gone
        | Kind::Conflict
        | Kind::RateLimited
        | Kind::Unavailable
        | Kind::Internal => sentences::AWAY,
    }
}

/// `get-calendar-slots` is how a URL writes `getCalendarSlots`.
fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    for (place, part) in name.split('-').filter(|part| !part.is_empty()).enumerate() {
        let (first, rest) = part.split_at(part.chars().next().map_or(0, char::len_utf8));
        if place == 0 {
            camel.push_str(first);
        } else {
            camel.push_str(&first.to_uppercase());
        }
        camel.push_str(rest);
    }
    camel
}

/// Vapi reads no further than the first line.
fn single_line(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_written_as_in_a_url() {
        for (name, camel) in [
            ("getCalendarSlots", "getCalendarSlots"),
            ("get-calendar-slots", "getCalendarSlots"),
            ("send-sms", "sendSms"),
            ("-é-ü-", "éÜ"),
            ("", ""),
        ] {
            assert_eq!(camel_case(name), camel);
        }
    }

    #[test]
    fn an_answer_is_one_line() {
        for (text, line) in [
            ("one", "one"),
            ("one\ntwo\r\n\r\n three ", "one two three"),
            ("{\n  \"say\": \"x\"\n}", "{ \"say\": \"x\" }"),
            ("\n", ""),
        ] {
            assert_eq!(single_line(text), line);
        }
    }

    #[test]
    fn an_answer_has_either_a_result_or_an_error() {
        let answer = |outcome| Answer {
            tool_call_id: "call_1".into(),
            name: "sendSms".into(),
            outcome,
        };
        assert_eq!(
            serde_json::to_string(&answer(Told::Result("done".into()))).unwrap(),
            r#"{"toolCallId":"call_1","name":"sendSms","result":"done"}"#
        );
        assert_eq!(
            serde_json::to_string(&answer(Told::Error("not done".into()))).unwrap(),
            r#"{"toolCallId":"call_1","name":"sendSms","error":"not done"}"#
        );
    }
}

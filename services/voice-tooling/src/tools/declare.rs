//! What each tool is, in the form Vapi registers.

use serde_json::{Value, json};
use url::Url;

use crate::tools::{Tool, hash};

/// How long Vapi waits for an answer; the gateway answers well before.
const TIMEOUT_SECONDS: u32 = 20;
/// After this long the agent says that it is still looking.
const STILL_LOOKING_AFTER_MS: u32 = 3_000;

/// Keywords that are checked here and that Vapi's own schema language does not know.
const UNPUBLISHED: [&str; 1] = ["maxLength"];

/// A tool before it is known where it is reached.
pub(crate) struct Declaration {
    pub(crate) tool: Tool,
    description: &'static str,
    /// JSON Schema of its arguments.
    pub(crate) parameters: Value,
    start: &'static str,
    delayed: &'static str,
}

/// A tool as Vapi should have it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Definition {
    pub(crate) name: &'static str,
    /// The body that creates it.
    pub(crate) body: Value,
    /// SHA-256 of the body, to notice a change.
    pub(crate) hash: String,
}

impl Declaration {
    pub(crate) fn definition(&self, base: &Url, credential_id: &str) -> Definition {
        let mut url = base.clone();
        url.set_path(&format!(
            "{}/{}",
            base.path().trim_end_matches('/'),
            self.tool.path()
        ));
        let body = json!({
            "type": "function",
            "async": false,
            "function": {
                "name": self.tool.name(),
                "description": self.description,
                "parameters": published(&self.parameters),
            },
            "server": {
                "url": url.as_str(),
                "timeoutSeconds": TIMEOUT_SECONDS,
                "credentialId": credential_id,
            },
            "messages": [
                {"type": "request-start", "content": self.start, "blocking": false},
                {
                    "type": "request-response-delayed",
                    "content": self.delayed,
                    "timingMilliseconds": STILL_LOOKING_AFTER_MS,
                },
            ],
        });
        Definition {
            name: self.tool.name(),
            hash: hash::of(&body),
            body,
        }
    }
}

pub(crate) fn declare(tool: Tool) -> Declaration {
    match tool {
        Tool::GetCalendarSlots => Declaration {
            tool,
            description: "Finds free appointment times at the clinic. Call it before offering any \
                time, and again when the caller wants another day or time of day. Offer only \
                times it returns, and keep each slotId to book it with.",
            parameters: json!({
                "type": "object",
                "properties": {
                    "day": {"type": "string", "enum": ["today", "tomorrow", "monday", "tuesday",
                        "wednesday", "thursday", "friday", "saturday", "sunday"], "description":
                        "The day wanted, when the caller names it without a date: \
                        a weekday is the next such day after today. Never work the date out."},
                    "date": {"type": "string", "format": "date", "description":
                        "The day wanted, as YYYY-MM-DD, only when the caller says a date. Leave \
                        out both for the next two weeks."},
                    "partOfDay": {"type": "string", "enum": ["morning", "afternoon", "evening"],
                        "description": "Only when the caller prefers one."},
                    "serviceName": {"type": "string", "maxLength": 120, "description":
                        "The kind of appointment, in the caller's words."},
                    "providerName": {"type": "string", "maxLength": 120, "description":
                        "The practitioner, if the caller asks for one."},
                },
                "required": [],
            }),
            start: "One moment, I am looking at the calendar.",
            delayed: "Thank you for waiting, I am still looking.",
        },
        Tool::BookClinicAppointment => Declaration {
            tool,
            description: "Books one of the times that getCalendarSlots returned in this call. Call \
                it once the caller has chosen a time and said their name, and tell the caller \
                that it is booked only after it says so.",
            parameters: json!({
                "type": "object",
                "properties": {
                    "slotId": {"type": "string", "maxLength": 2000, "description":
                        "The slotId of the chosen time, exactly as getCalendarSlots returned it."},
                    "patientName": {"type": "string", "maxLength": 120, "description":
                        "The patient's full name."},
                    "reason": {"type": "string", "maxLength": 500, "description":
                        "Why the patient comes, in a few words."},
                    "dateOfBirth": {"type": "string", "format": "date", "description":
                        "The patient's date of birth, as YYYY-MM-DD."},
                    "phone": {"type": "string", "maxLength": 40, "description":
                        "A number to reach the patient, only if it is not the one they call from."},
                },
                "required": ["slotId", "patientName"],
            }),
            start: "One moment, I am booking that for you.",
            delayed: "Thank you for waiting, I am still booking it.",
        },
    }
}

/// `schema` without what Vapi would refuse.
fn published(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !UNPUBLISHED.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), published(value)))
            .collect(),
        plain => plain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_has_its_own_address_and_no_keyword_that_vapi_refuses() {
        let base = Url::parse("https://clinic.example/api/vapi/tools").unwrap();
        for tool in Tool::ALL {
            let body = declare(tool).definition(&base, "cred").body;
            let url = format!("https://clinic.example/api/vapi/tools/{}", tool.path());
            assert_eq!(body["server"]["url"], url);
            assert_eq!(body["server"]["credentialId"], "cred");
            assert!(!body.to_string().contains("maxLength"));
        }
    }

    #[test]
    fn the_hash_follows_the_definition() {
        let base = Url::parse("https://clinic.example/").unwrap();
        let declaration = declare(Tool::GetCalendarSlots);
        let (one, two) = (
            declaration.definition(&base, "a"),
            declaration.definition(&base, "b"),
        );
        assert_eq!(one, declaration.definition(&base, "a"));
        assert_ne!(one.hash, two.hash);
    }
}

//! One call that the sandbox plays, and the resource that Vapi would show of it.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ORG, Vapi,
    resources::Kind,
    transcript::{Line, Transcript},
};
use crate::clock;

pub(crate) struct Call {
    pub(crate) id: String,
    /// The assistant as it was when the call began, with its tools written out.
    pub(crate) assistant: Value,
    pub(crate) phone_number: Value,
    /// The caller's number.
    pub(crate) from: String,
    pub(crate) transcript: Transcript,
    /// What the last `getCalendarSlots` offered.
    pub(crate) slots: Vec<String>,
    pub(crate) started_at: Timestamp,
    pub(crate) ended: Option<Ended>,
}

pub(crate) struct Ended {
    pub(crate) at: Timestamp,
    pub(crate) reason: &'static str,
}

impl Call {
    /// A call from `from` to the number that `assistant` answers.
    pub(crate) fn start(vapi: &Vapi, assistant: Value, from: String) -> Self {
        let started_at = vapi.clock.next();
        let phone_number = phone_number(vapi, &assistant);
        let mut call = Self {
            id: Uuid::new_v4().to_string(),
            assistant,
            phone_number,
            from,
            transcript: Transcript::default(),
            slots: Vec::new(),
            started_at,
            ended: None,
        };
        call.greet();
        call
    }

    fn greet(&mut self) {
        let prompts: Vec<_> = self.assistant["model"]["messages"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|message| message["content"].as_str().map(str::to_owned))
            .collect();
        for prompt in prompts {
            self.transcript.push(self.started_at, Line::System(prompt));
        }
        if let Some(greeting) = self.assistant["firstMessage"].as_str() {
            let greeting = greeting.to_owned();
            self.transcript.push(self.started_at, Line::Bot(greeting));
        }
    }

    /// The call as it stands in webhooks: Vapi sends a snapshot that may be stale.
    pub(crate) fn snapshot(&self) -> Value {
        self.resource("ringing")
    }

    fn resource(&self, status: &str) -> Value {
        let started = clock::iso(self.started_at);
        let sid = self.id.replace('-', "");
        json!({
            "id": self.id,
            "orgId": ORG,
            "createdAt": started,
            "updatedAt": started,
            "type": "inboundPhoneCall",
            "cost": 0,
            "monitor": {
                "listenUrl": format!("wss://sandbox.invalid/{}/listen", self.id),
                "controlUrl": format!("https://sandbox.invalid/{}/control", self.id),
            },
            "transport": {"conversationType": "voice", "provider": "twilio", "callSid": format!("CA{sid}")},
            "phoneCallProvider": "twilio",
            "phoneCallProviderId": format!("CA{sid}"),
            "phoneCallTransport": "pstn",
            "status": status,
            "assistantId": self.assistant["id"],
            "phoneNumberId": self.phone_number["id"],
            "customer": {"number": self.from},
        })
    }

    /// The call as `GET /call/{id}` shows it now.
    pub(crate) fn current(&self) -> Value {
        let Some(ended) = &self.ended else {
            return self.resource("in-progress");
        };
        let mut resource = self.resource("ended");
        resource["endedReason"] = ended.reason.into();
        resource["startedAt"] = clock::iso(self.started_at).into();
        resource["endedAt"] = clock::iso(ended.at).into();
        resource["updatedAt"] = clock::iso(ended.at).into();
        resource["artifact"] = self.artifact();
        resource["transcript"] = self.transcript.text().into();
        resource["messages"] = self.transcript.messages().into();
        resource
    }

    /// What the templates in a tool's static parameters can name.
    pub(crate) fn variables(&self) -> Value {
        json!({
            "customer": {"number": self.from},
            "phoneNumber": self.phone_number,
            "call": {"id": self.id},
        })
    }

    pub(crate) fn artifact(&self) -> Value {
        json!({
            "messages": self.transcript.messages(),
            "messagesOpenAIFormatted": self.transcript.openai(),
            "transcript": self.transcript.text(),
        })
    }
}

/// The number linked to the assistant, or one that Vapi would have given it.
fn phone_number(vapi: &Vapi, assistant: &Value) -> Value {
    let id = &assistant["id"];
    let linked = vapi
        .shelf(Kind::PhoneNumber)
        .newest(1, |number| number["assistantId"] == *id);
    linked.into_iter().next().unwrap_or_else(|| {
        json!({
            "id": id,
            "orgId": ORG,
            "assistantId": id,
            "number": "+15005550006",
            "createdAt": assistant["createdAt"],
            "updatedAt": assistant["updatedAt"],
            "provider": "vapi",
            "status": "active",
        })
    })
}

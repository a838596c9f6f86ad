//! A clinic as its owner sets it up, through the front door.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use voxanne_testkit::eventually;

use crate::Fleet;

/// A signed-up clinic with a provider, a service, a Twilio account and a linked agent.
#[derive(Clone, Debug)]
pub struct Clinic {
    pub org: String,
    pub token: String,
    pub email: String,
    pub provider: String,
    pub service: String,
    pub assistant: String,
    pub account_sid: String,
    pub auth_token: String,
    pub from: String,
}

impl Clinic {
    /// Signs up a clinic called `name` and sets all of it up.
    pub async fn open(fleet: &Fleet, name: &str) -> Self {
        let mut clinic = Self::sign_up(fleet, name).await;
        clinic.connect_twilio(fleet).await;
        clinic.provider = clinic
            .add(fleet, "/providers", json!({ "name": "Dr. Ada Lee" }))
            .await;
        clinic.service = clinic
            .add(
                fleet,
                "/services",
                json!({ "name": "Check-up", "durationMinutes": 30 }),
            )
            .await;
        clinic.save_agent(fleet).await;
        clinic
    }

    /// An account and a clinic, and nothing more.
    pub async fn sign_up(fleet: &Fleet, name: &str) -> Self {
        let id = Uuid::new_v4().simple().to_string();
        let email = format!("owner-{id}@{name}.example");
        let (status, answer) = fleet
            .call(
                Method::POST,
                "/api/auth/signup",
                "",
                json!({
                    "email": email,
                    "password": "correct horse battery staple",
                    "clinicName": format!("{name} clinic"),
                    "timeZone": "America/New_York",
                }),
            )
            .await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        Self {
            org: text(&answer["org"]["id"]),
            token: text(&answer["accessToken"]),
            email,
            provider: String::new(),
            service: String::new(),
            assistant: String::new(),
            account_sid: format!("AC{id}"),
            auth_token: Uuid::new_v4().simple().to_string(),
            from: format!(
                "+1415555{:04}",
                u16::from_str_radix(&id[..4], 16).unwrap_or(0) % 10_000
            ),
        }
    }

    /// Calls one of the clinic's own routes.
    pub async fn call(
        &self,
        fleet: &Fleet,
        method: Method,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        fleet
            .call(method, &self.path(path), &self.token, body)
            .await
    }

    /// The full path of one of the clinic's own routes.
    pub fn path(&self, path: &str) -> String {
        format!("/api/org/{}{path}", self.org)
    }

    /// Keeps the provider's doors open day and night, for tests that book many slots.
    pub async fn never_close(&self, fleet: &Fleet) {
        let hours: Vec<_> = (1..=7)
            .map(|weekday| json!({ "weekday": weekday, "opens": "00:00", "closes": "24:00" }))
            .collect();
        let (status, answer) = self
            .call(fleet, Method::PUT, "/schedules", json!({ "hours": hours }))
            .await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// The next free slots within 30 days.
    pub async fn slots(&self, fleet: &Fleet) -> Vec<Value> {
        let now = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .unwrap_or_default()
            .as_secs();
        let (from, to) = (rfc3339(now), rfc3339(now + 30 * 86_400));
        let path = format!("/slots?serviceId={}&from={from}&to={to}", self.service);
        let (status, answer) = self.call(fleet, Method::GET, &path, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["items"].as_array().cloned().unwrap_or_default()
    }

    /// Texts that Twilio has accepted from the clinic's number.
    pub async fn texts(&self, fleet: &Fleet) -> Vec<Value> {
        let (_, answer) = fleet
            .sandbox(Method::GET, "/twilio/messages?limit=10000", Value::Null)
            .await;
        let all = answer["items"].as_array().cloned().unwrap_or_default();
        all.into_iter()
            .filter(|text| text["from"] == self.from.as_str())
            .collect()
    }

    async fn connect_twilio(&self, fleet: &Fleet) {
        let (status, answer) = fleet
            .sandbox(
                Method::POST,
                "/twilio/accounts",
                json!({
                    "accountSid": self.account_sid,
                    "authToken": self.auth_token,
                    "numbers": [self.from],
                }),
            )
            .await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        let (status, answer) = self
            .call(
                fleet,
                Method::PUT,
                "/credentials/twilio",
                json!({
                    "accountSid": self.account_sid,
                    "authToken": self.auth_token,
                    "from": self.from,
                }),
            )
            .await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    async fn add(&self, fleet: &Fleet, path: &str, body: Value) -> String {
        let (status, answer) = self.call(fleet, Method::POST, path, body).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        text(&answer["id"])
    }

    async fn save_agent(&mut self, fleet: &Fleet) {
        let (status, answer) = fleet
            .call(
                Method::POST,
                "/api/founders/save-agent",
                &self.token,
                json!({
                    "name": "Front desk",
                    "systemPrompt": "You answer the phone of a clinic and book appointments.",
                    "firstMessage": "Hello, how can I help?",
                    "voice": { "provider": "vapi", "voiceId": "Elliot" },
                    "model": { "provider": "openai", "model": "gpt-4o" },
                    "language": "en-US",
                }),
            )
            .await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(
            answer["sync"]["state"], "pending",
            "saving does not wait for Vapi"
        );
        let this = &*self;
        let found = std::sync::Mutex::new(String::new());
        eventually("the agent is live at Vapi", || async {
            let (_, agent) = this.call(fleet, Method::GET, "/agent", Value::Null).await;
            let (_, sync) = this
                .call(fleet, Method::GET, "/agent/sync", Value::Null)
                .await;
            let id = agent["vapiAssistantId"]
                .as_str()
                .or(agent["agent"]["vapiAssistantId"].as_str());
            let state = sync["state"].as_str().or(sync["sync"]["state"].as_str());
            *found.lock().expect("one task") = id.unwrap_or_default().to_owned();
            id.is_some_and(|id| !id.is_empty()) && state == Some("live")
        })
        .await;
        self.assistant = found.into_inner().expect("one task");
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("expected a text, not {value}"))
        .to_owned()
}

/// Seconds since 1970 as the API writes times.
fn rfc3339(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds)
        .expect("a moment of this century")
        .to_string()
}

//! The fleet that is measured, and the clinics opened in it for the measurement.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use reqwest::{Client, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// What `.voxanne/dev.json` says of it.
pub(crate) struct Fleet {
    pub(crate) gateway: String,
    pub(crate) sandbox: String,
    pub(crate) pids: BTreeMap<String, u32>,
    pub(crate) webhook_secret: String,
    pub(crate) operator_token: String,
    /// As the owner.
    pub(crate) database_url: String,
    pub(crate) http: Client,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DevJson {
    gateway_url: String,
    sandbox_url: String,
    pids: BTreeMap<String, u32>,
    operator_token: String,
    database_url: String,
    demo: Vec<Demo>,
}

#[derive(Deserialize)]
struct Demo {
    vapi: Vapi,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vapi {
    webhook_secret: String,
}

/// A clinic with an agent at the sandbox's Vapi.
#[derive(Clone, Debug)]
pub(crate) struct Clinic {
    pub(crate) org: String,
    pub(crate) token: String,
    pub(crate) assistant: String,
    pub(crate) from: String,
}

impl Fleet {
    pub(crate) fn open(dev_json: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(dev_json)
            .with_context(|| format!("{} cannot be read: is the fleet up?", dev_json.display()))?;
        let dev: DevJson = serde_json::from_str(&text)?;
        let demo = dev.demo.first().context("the fleet has no demo clinic")?;
        Ok(Self {
            gateway: dev.gateway_url,
            sandbox: dev.sandbox_url,
            pids: dev.pids,
            webhook_secret: demo.vapi.webhook_secret.clone(),
            operator_token: dev.operator_token,
            database_url: dev.database_url,
            http: Client::builder().timeout(Duration::from_secs(30)).build()?,
        })
    }

    pub(crate) async fn open_clinics(&self, count: usize) -> anyhow::Result<Vec<Clinic>> {
        let mut clinics = Vec::with_capacity(count);
        for number in 0..count {
            clinics.push(self.open_clinic(number).await?);
        }
        for clinic in &mut clinics {
            clinic.assistant = self.await_assistant(clinic).await?;
        }
        Ok(clinics)
    }

    async fn open_clinic(&self, number: usize) -> anyhow::Result<Clinic> {
        let id = Uuid::new_v4().simple().to_string();
        let signup = json!({
            "email": format!("bench-{id}@clinic.example"),
            "password": Uuid::new_v4().to_string(),
            "clinicName": format!("Bench {number}"),
            "timeZone": "Europe/Berlin",
        });
        let answer = self
            .send(Method::POST, "/api/auth/signup", "", signup)
            .await?;
        let clinic = Clinic {
            org: text(&answer["org"]["id"])?,
            token: text(&answer["accessToken"])?,
            assistant: String::new(),
            from: format!("+1415556{number:04}"),
        };
        self.connect_twilio(&clinic, &id).await?;
        for name in ["Dr. One", "Dr. Two", "Dr. Three", "Dr. Four"] {
            self.org(Method::POST, &clinic, "/providers", json!({ "name": name }))
                .await?;
        }
        let service = json!({ "name": "Visit", "durationMinutes": 15 });
        self.org(Method::POST, &clinic, "/services", service)
            .await?;
        let hours: Vec<_> = (1..=7)
            .map(|weekday| json!({ "weekday": weekday, "opens": "00:00", "closes": "24:00" }))
            .collect();
        self.org(
            Method::PUT,
            &clinic,
            "/schedules",
            json!({ "hours": hours }),
        )
        .await?;
        let agent = json!({
            "name": "Bench",
            "systemPrompt": "You book appointments.",
            "firstMessage": "Hello.",
            "voice": { "provider": "vapi", "voiceId": "Elliot" },
            "model": { "provider": "openai", "model": "gpt-4o" },
            "language": "en-US",
        });
        self.send(
            Method::POST,
            "/api/founders/save-agent",
            &clinic.token,
            agent,
        )
        .await?;
        Ok(clinic)
    }

    async fn connect_twilio(&self, clinic: &Clinic, id: &str) -> anyhow::Result<()> {
        let (sid, token) = (format!("AC{id}"), Uuid::new_v4().simple().to_string());
        let account = json!({ "accountSid": sid, "authToken": token, "numbers": [clinic.from] });
        let url = format!("{}/_sandbox/twilio/accounts", self.sandbox);
        self.http
            .post(url)
            .json(&account)
            .send()
            .await?
            .error_for_status()?;
        let credential = json!({ "accountSid": sid, "authToken": token, "from": clinic.from });
        self.org(Method::PUT, clinic, "/credentials/twilio", credential)
            .await?;
        Ok(())
    }

    async fn await_assistant(&self, clinic: &Clinic) -> anyhow::Result<String> {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            let agent = self.org(Method::GET, clinic, "/agent", Value::Null).await?;
            let sync = self
                .org(Method::GET, clinic, "/agent/sync", Value::Null)
                .await?;
            let found = [
                &agent["vapiAssistantId"],
                &agent["agent"]["vapiAssistantId"],
            ];
            let live = [&sync["state"], &sync["sync"]["state"]]
                .iter()
                .any(|state| *state == "live");
            if let (Some(id), true) = (found.iter().find_map(|id| id.as_str()), live) {
                return Ok(id.to_owned());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("an agent did not become live at Vapi");
    }

    pub(crate) async fn org(
        &self,
        method: Method,
        clinic: &Clinic,
        path: &str,
        body: Value,
    ) -> anyhow::Result<Value> {
        self.send(
            method,
            &format!("/api/org/{}{path}", clinic.org),
            &clinic.token,
            body,
        )
        .await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Value,
    ) -> anyhow::Result<Value> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.gateway))
            .bearer_auth(token);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() && status != StatusCode::NO_CONTENT {
            bail!("{path} answered {status}: {text}");
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// When the sandbox's Twilio took each text of these clinics, by recipient, in Unix
    /// milliseconds; waits until there are `count`.
    pub(crate) async fn await_texts(
        &self,
        clinics: &[Clinic],
        count: usize,
        patience: Duration,
    ) -> anyhow::Result<BTreeMap<String, i64>> {
        let deadline = Instant::now() + patience;
        loop {
            let url = format!("{}/_sandbox/twilio/messages?limit=100000", self.sandbox);
            let list: Value = self.http.get(url).send().await?.json().await?;
            let texts: BTreeMap<String, i64> = list["items"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|text| {
                    clinics
                        .iter()
                        .any(|clinic| text["from"] == clinic.from.as_str())
                })
                .filter_map(|text| {
                    Some((
                        text["to"].as_str()?.to_owned(),
                        text["receivedAtMs"].as_i64()?,
                    ))
                })
                .collect();
            if texts.len() >= count || Instant::now() > deadline {
                return Ok(texts);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn text(value: &Value) -> anyhow::Result<String> {
    Ok(value
        .as_str()
        .context("the answer lacks a field")?
        .to_owned())
}

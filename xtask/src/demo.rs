//! Two demo clinics, loaded through the public API like any customer's.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::http::{Answer, send};
use crate::say::say;
use crate::secrets::{Secrets, account_sid, token};
use crate::stop;

/// How long the assistant may take to reach the sandbox's Vapi.
const SYNC: Duration = Duration::from_secs(60);

const CLINICS: [Profile; 2] = [
    Profile {
        key: "riverside",
        name: "Riverside Dental",
        email: "owner@riverside.example",
        time_zone: "America/New_York",
        // Numbers of this block belong to nobody.
        from: "+12025550143",
        provider: "Dr. Lena Ortiz",
        services: [("Check-up", 30), ("Cleaning", 60)],
    },
    Profile {
        key: "harbour",
        name: "Harbour Physiotherapy",
        email: "owner@harbour.example",
        time_zone: "Europe/London",
        from: "+12025550187",
        provider: "Sam Whitfield",
        services: [("First visit", 60), ("Follow-up", 30)],
    },
];

struct Profile {
    key: &'static str,
    name: &'static str,
    email: &'static str,
    time_zone: &'static str,
    from: &'static str,
    provider: &'static str,
    services: [(&'static str, u32); 2],
}

/// A demo clinic with its logins.
pub(crate) struct Clinic {
    profile: &'static Profile,
    password: String,
    account_sid: String,
    auth_token: String,
}

/// The demo clinics with the secrets that this checkout keeps for them.
pub(crate) fn clinics(secrets: &mut Secrets) -> Result<Vec<Clinic>> {
    let mut clinics = Vec::new();
    for profile in &CLINICS {
        clinics.push(Clinic {
            profile,
            password: secrets.get(&format!("{}.password", profile.key), token)?,
            account_sid: secrets.get(&format!("{}.accountSid", profile.key), account_sid)?,
            auth_token: secrets.get(&format!("{}.authToken", profile.key), token)?,
        });
    }
    Ok(clinics)
}

/// A clinic that was loaded, as `dev.json` describes it.
pub(crate) struct Loaded {
    pub(crate) email: &'static str,
    pub(crate) password: String,
    pub(crate) assistant_id: String,
    pub(crate) description: Value,
}

impl Clinic {
    /// The account that the sandbox's Twilio has to know.
    pub(crate) fn sandbox_account(&self) -> String {
        format!(
            "{}:{}:{}",
            self.account_sid, self.auth_token, self.profile.from
        )
    }

    /// Makes the clinic what the demo needs, or finds it that way.
    pub(crate) fn load(&self, gateway: &str, webhook_secret: &str) -> Result<Loaded> {
        let session = self.enter(gateway)?;
        self.connect_twilio(&session)?;
        self.offer_services(&session)?;
        let assistant_id = self.publish_agent(&session)?;
        say(
            "demo",
            format!("{} ({})", self.profile.name, self.profile.time_zone),
        );
        let description = json!({
            "email": self.profile.email,
            "password": self.password,
            "orgId": session.org_id,
            "accessToken": session.token,
            "twilio": {
                "accountSid": self.account_sid,
                "authToken": self.auth_token,
                "from": self.profile.from,
            },
            "vapi": {"assistantId": assistant_id, "webhookSecret": webhook_secret},
        });
        let password = self.password.clone();
        Ok(Loaded {
            email: self.profile.email,
            password,
            assistant_id,
            description,
        })
    }

    /// Signs the clinic up, or logs in where an earlier run did.
    fn enter(&self, gateway: &str) -> Result<Session> {
        let signup = json!({
            "email": self.profile.email,
            "password": self.password,
            "clinicName": self.profile.name,
            "timeZone": self.profile.time_zone,
        });
        let url = format!("{gateway}/api/auth/signup");
        let answer = send(Method::POST, &url, None, Some(&signup))?;
        let body = if answer.body["code"] == "EMAIL_TAKEN" {
            let login = json!({"email": self.profile.email, "password": self.password});
            let url = format!("{gateway}/api/auth/login");
            send(Method::POST, &url, None, Some(&login))?.success("the demo's login")?
        } else {
            answer.success("the demo's sign-up")?
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok(Session {
            gateway: gateway.to_owned(),
            token: text(&body["accessToken"]).context("no accessToken in the answer")?,
            org_id: text(&body["org"]["id"]).context("no org in the answer")?,
        })
    }

    fn connect_twilio(&self, session: &Session) -> Result<()> {
        let credentials = json!({
            "accountSid": self.account_sid,
            "authToken": self.auth_token,
            "from": self.profile.from,
        });
        let what = "storing the demo's Twilio credentials";
        session
            .put("credentials/twilio", &credentials)?
            .success(what)?;
        Ok(())
    }

    /// A new clinic has opening hours but nobody and nothing to book.
    fn offer_services(&self, session: &Session) -> Result<()> {
        if session.is_empty("providers")? {
            let provider = json!({"name": self.profile.provider});
            session
                .post("providers", &provider)?
                .success("adding the demo's provider")?;
        }
        if session.is_empty("services")? {
            for (name, minutes) in self.profile.services {
                let service = json!({"name": name, "durationMinutes": minutes});
                session
                    .post("services", &service)?
                    .success("adding the demo's service")?;
            }
        }
        Ok(())
    }

    /// Saves the agent and waits until Vapi has it; gives the assistant's id.
    fn publish_agent(&self, session: &Session) -> Result<String> {
        let name = self.profile.name;
        let agent = json!({
            "name": format!("{name} reception"),
            "systemPrompt": format!(
                "You answer the phone of {name}. Offer times from getCalendarSlots and book the \
                 one that the caller chooses with bookClinicAppointment."
            ),
            "firstMessage": format!("Thank you for calling {name}. How can I help you?"),
            "voice": "Elliot",
            "model": "gpt-4o",
            "language": "en",
        });
        let url = format!("{}/api/founders/save-agent", session.gateway);
        send(Method::POST, &url, Some(&session.token), Some(&agent))?
            .success("saving the demo's agent")?;
        session.await_agent()
    }
}

/// A login at the gateway and the organisation it is for.
struct Session {
    gateway: String,
    token: String,
    org_id: String,
}

impl Session {
    fn url(&self, path: &str) -> String {
        format!("{}/api/org/{}/{path}", self.gateway, self.org_id)
    }

    fn get(&self, path: &str) -> Result<Answer> {
        send(Method::GET, &self.url(path), Some(&self.token), None)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        send(Method::POST, &self.url(path), Some(&self.token), Some(body))
    }

    fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        send(Method::PUT, &self.url(path), Some(&self.token), Some(body))
    }

    fn is_empty(&self, list: &str) -> Result<bool> {
        let body = self
            .get(list)?
            .success(&format!("listing the demo's {list}"))?;
        Ok(body["items"].as_array().is_none_or(Vec::is_empty))
    }

    fn await_agent(&self) -> Result<String> {
        let deadline = Instant::now() + SYNC;
        loop {
            stop::check()?;
            let body = self.get("agent")?.success("reading the demo's agent")?;
            let id = body["vapiAssistantId"]
                .as_str()
                .or(body["agent"]["vapiAssistantId"].as_str());
            if let Some(id) = id.filter(|_| body["sync"]["state"] == "live") {
                return Ok(id.to_owned());
            }
            if Instant::now() >= deadline {
                bail!("the demo's agent did not reach Vapi: {}", body["sync"]);
            }
            stop::tick();
        }
    }
}

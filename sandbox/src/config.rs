//! What the sandbox reads from its environment.

use std::net::{Ipv4Addr, SocketAddr};

use url::Url;

use crate::{Account, GoogleClient};

/// Where our gateway takes consents.
const CALLBACK: &str = "/api/google/oauth/callback";

/// The sandbox's settings; every one has a default that works on a laptop.
pub struct Config {
    /// `HTTP_ADDR`: where everything is served; default a free port of the loopback interface.
    pub http_addr: SocketAddr,
    /// `SMTP_ADDR`: where mails are taken; default nowhere.
    pub smtp_addr: Option<SocketAddr>,
    /// `VAPI_PRIVATE_KEY`: the key that the fake Vapi accepts; default `sandbox-vapi-key`.
    pub vapi_private_key: String,
    /// `TWILIO_ACCOUNTS`: comma-separated `ACsid:token:+from`; default none.
    pub twilio_accounts: Vec<Account>,
    /// `TWILIO_INBOUND_URL`: where inbound messages are posted unless an account says otherwise.
    pub twilio_inbound_url: Option<Url>,
    /// `GOOGLE_OAUTH_CLIENT_ID`, `GOOGLE_OAUTH_CLIENT_SECRET`: the application that the fake Google
    /// knows, as our own processes read them. `GOOGLE_REDIRECT_URI`: where it may be sent back to,
    /// else below `PUBLIC_URL`; default anywhere.
    pub google_client: GoogleClient,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http_addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            smtp_addr: None,
            vapi_private_key: "sandbox-vapi-key".to_owned(),
            twilio_accounts: Vec::new(),
            twilio_inbound_url: None,
            google_client: GoogleClient::default(),
        }
    }
}

impl Config {
    /// Reads the process environment.
    ///
    /// # Errors
    ///
    /// One sentence for every variable that cannot be used.
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox uses none of the project's crates, and this is its only reader"
    )]
    pub fn from_process() -> Result<Self, Vec<String>> {
        Self::from_lookup(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// Reads the variables through `lookup`.
    ///
    /// # Errors
    ///
    /// One sentence for every variable that cannot be used.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut wrong = Vec::new();
        let mut config = Self::default();
        if let Some(text) = lookup("HTTP_ADDR") {
            match text.parse() {
                Ok(addr) => config.http_addr = addr,
                Err(_) => wrong.push("HTTP_ADDR must be an address and port".to_owned()),
            }
        }
        if let Some(text) = lookup("SMTP_ADDR") {
            match text.parse() {
                Ok(addr) => config.smtp_addr = Some(addr),
                Err(_) => wrong.push("SMTP_ADDR must be an address and port".to_owned()),
            }
        }
        if let Some(key) = lookup("VAPI_PRIVATE_KEY") {
            config.vapi_private_key = key;
        }
        for entry in lookup("TWILIO_ACCOUNTS")
            .iter()
            .flat_map(|list| list.split(','))
        {
            match account(entry) {
                Some(account) => config.twilio_accounts.push(account),
                None => wrong.push("TWILIO_ACCOUNTS must list ACsid:token:+from".to_owned()),
            }
        }
        if let Some(text) = lookup("TWILIO_INBOUND_URL") {
            match text.parse() {
                Ok(url) => config.twilio_inbound_url = Some(url),
                Err(_) => wrong.push("TWILIO_INBOUND_URL must be a URL".to_owned()),
            }
        }
        google_client(&mut config.google_client, &lookup, &mut wrong);
        if wrong.is_empty() {
            Ok(config)
        } else {
            Err(wrong)
        }
    }
}

fn google_client(
    client: &mut GoogleClient,
    lookup: &impl Fn(&str) -> Option<String>,
    wrong: &mut Vec<String>,
) {
    if let Some(id) = lookup("GOOGLE_OAUTH_CLIENT_ID") {
        client.id = id;
    }
    if let Some(secret) = lookup("GOOGLE_OAUTH_CLIENT_SECRET") {
        client.secret = secret;
    }
    let below = |public: String| format!("{}{CALLBACK}", public.trim_end_matches('/'));
    let given = lookup("GOOGLE_REDIRECT_URI").or_else(|| lookup("PUBLIC_URL").map(below));
    if let Some(text) = given {
        match text.parse() {
            Ok(url) => client.redirect_uri = Some(url),
            Err(_) => wrong.push("GOOGLE_REDIRECT_URI must be a URL".to_owned()),
        }
    }
}

fn account(entry: &str) -> Option<Account> {
    let mut parts = entry.trim().splitn(3, ':');
    let (sid, token, number) = (parts.next()?, parts.next()?, parts.next()?);
    Account::new(sid, token, [number]).ok()
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn every_bad_variable_is_named_at_once() {
        let wrong = Config::from_lookup(|_| Some("nonsense".to_owned()))
            .err()
            .unwrap_or_default();
        let names: Vec<_> = wrong
            .iter()
            .filter_map(|text| text.split(' ').next())
            .collect();
        assert_eq!(
            names,
            [
                "HTTP_ADDR",
                "SMTP_ADDR",
                "TWILIO_ACCOUNTS",
                "TWILIO_INBOUND_URL",
                "GOOGLE_REDIRECT_URI"
            ]
        );
    }

    #[test]
    fn accounts_are_listed_with_commas() {
        let sid = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        let list = format!("{sid}:t:+15005550006, {sid}:t:+15005550007");
        let config = Config::from_lookup(|name| (name == "TWILIO_ACCOUNTS").then(|| list.clone()));
        assert_eq!(config.map(|config| config.twilio_accounts.len()), Ok(2));
    }
}

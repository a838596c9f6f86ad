//! What a provider's credentials consist of, and what may be shown of them.

pub(crate) mod delete;
pub(crate) mod fields;
pub(crate) mod open;
pub(crate) mod put;
pub(crate) mod record_test;
pub(crate) mod secrets;
pub(crate) mod show;
mod store;
pub(crate) mod webhook_secrets;
pub(crate) mod wire;

use std::{borrow::Cow, collections::BTreeMap, str::FromStr};

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use voxanne_ids::ProviderId;
use voxanne_problem::{Problem, Violation};
use voxanne_tenant::{Permission, Tenant};

use crate::{Error, callers};

/// Enough of a secret to recognise it by, from secrets long enough to spare them.
const SHOWN_CHARACTERS: usize = 4;
const SHORTEST_SHOWN: usize = 12;

/// A company whose API is used in an organisation's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    Twilio,
    Google,
    /// Google again, in the name of one person whose time the clinic books: each one consents with
    /// an account of their own.
    GoogleCalendar(ProviderId),
}

/// Stands before the id of the person whose calendar it is.
const OF_CALENDAR: &str = "google:";

impl Provider {
    /// Its name in rows, requests and sealed records.
    pub(crate) fn name(self) -> Cow<'static, str> {
        match self {
            Self::Twilio => "twilio".into(),
            Self::Google => "google".into(),
            Self::GoogleCalendar(id) => format!("{OF_CALENDAR}{}", id.as_uuid().simple()).into(),
        }
    }

    /// Lets those through who may store and delete these credentials: members who may, and for a
    /// person's calendar the service that was given the consent, which no member ever sees.
    fn require_keeper(self, tenant: &Tenant) -> Result<(), Error> {
        match self {
            Self::Twilio | Self::Google => callers::require(tenant, Permission::CredentialsWrite),
            Self::GoogleCalendar(_) => callers::job(tenant),
        }
    }

    /// The secret that everything depends on.
    const fn main_secret(self) -> &'static str {
        match self {
            Self::Twilio => "authToken",
            Self::Google | Self::GoogleCalendar(_) => "refreshToken",
        }
    }

    /// The secret that the provider signs its webhooks with, if it does so.
    const fn webhook_secret(self) -> Option<&'static str> {
        match self {
            Self::Twilio => Some("authToken"),
            Self::Google | Self::GoogleCalendar(_) => None,
        }
    }

    /// Where the replaced webhook secret is kept while the provider may still sign with it.
    const fn replaced_webhook_secret(self) -> Option<&'static str> {
        match self {
            Self::Twilio => Some("replacedAuthToken"),
            Self::Google | Self::GoogleCalendar(_) => None,
        }
    }
}

impl FromStr for Provider {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let calendar = text.strip_prefix(OF_CALENDAR);
        let calendar = calendar.and_then(|id| id.parse().ok().map(Self::GoogleCalendar));
        [Self::Twilio, Self::Google]
            .into_iter()
            .chain(calendar)
            .find(|known| known.name() == text)
            .ok_or_else(|| {
                Problem::invalid(vec![Violation {
                    field: "provider".to_owned(),
                    code: "PROVIDER".to_owned(),
                    detail: "must be twilio or google".to_owned(),
                }])
            })
    }
}

/// Credentials whose every field was checked.
pub(crate) struct NewCredential {
    pub(crate) provider: Provider,
    pub(crate) external_id: String,
    pub(crate) secrets: BTreeMap<String, SecretString>,
    pub(crate) settings: BTreeMap<String, String>,
}

impl NewCredential {
    /// The end of the main secret, or nothing when that would give too much of it away.
    fn last_four(&self) -> String {
        let main = self.secrets.get(self.provider.main_secret());
        let main = main.map(SecretString::expose_secret).unwrap_or_default();
        let length = main.chars().count();
        if length < SHORTEST_SHOWN {
            return String::new();
        }
        main.chars().skip(length - SHOWN_CHARACTERS).collect()
    }
}

/// What may be shown of a stored credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) provider: Provider,
    pub(crate) external_id: String,
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) last_four: String,
    pub(crate) status: String,
    pub(crate) last_verified_at: Option<Timestamp>,
    pub(crate) version: i64,
}

/// A stored credential with its secrets.
pub(crate) struct Opened {
    pub(crate) credential: Credential,
    pub(crate) secrets: BTreeMap<String, SecretString>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_name_is_read_as_it_is_written() {
        let calendar = Provider::GoogleCalendar(ProviderId::new());
        for provider in [Provider::Twilio, Provider::Google, calendar] {
            assert_eq!(provider.name().parse::<Provider>().ok(), Some(provider));
        }
        for text in ["", "google:", "google:x", "google:prv_0190", "Google"] {
            assert!(text.parse::<Provider>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_short_secret_is_not_shown_at_all() {
        for (secret, shown) in [
            ("0123456789abcdef", "cdef"),
            ("0123456789ab", "89ab"),
            ("0123456789a", ""),
        ] {
            let credential = NewCredential {
                provider: Provider::Twilio,
                external_id: String::new(),
                secrets: BTreeMap::from([("authToken".to_owned(), secret.into())]),
                settings: BTreeMap::new(),
            };
            assert_eq!(credential.last_four(), shown, "{secret}");
        }
    }
}

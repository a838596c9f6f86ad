//! Which fields each provider's credentials have. Every wrong one is named at once.

use std::collections::{BTreeMap, HashMap};

use secrecy::SecretString;
use voxanne_problem::{Problem, Violations};
use zeroize::Zeroizing;

use super::{NewCredential, Provider};

/// Longer than any provider's secret, shorter than anything that would strain a row.
const LONGEST: usize = 4096;

/// One field of a provider's credentials.
struct Field {
    name: &'static str,
    is_required: bool,
    fits: fn(&str) -> bool,
    must: &'static str,
}

/// The fields of one provider.
struct Form {
    account: Field,
    secrets: &'static [Field],
    settings: &'static [Field],
}

const TWILIO: Form = Form {
    account: required(
        "accountSid",
        |text| is_sid("AC", text),
        "must be AC and 32 hex digits",
    ),
    secrets: &[
        required("authToken", is_token, "must be the account's auth token"),
        optional(
            "apiKeySid",
            |text| is_sid("SK", text),
            "must be SK and 32 hex digits",
        ),
        optional(
            "apiKeySecret",
            is_token,
            "must be the secret of the API key",
        ),
    ],
    settings: &[
        optional(
            "from",
            is_sender,
            "must be a number like +15551234567, a short code or a sender name",
        ),
        optional(
            "messagingServiceSid",
            |text| is_sid("MG", text),
            "must be MG and 32 hex digits",
        ),
    ],
};

const GOOGLE: Form = Form {
    account: required("account", is_token, "must name the Google account"),
    secrets: &[
        required("refreshToken", is_token, "must be an OAuth refresh token"),
        optional("accessToken", is_token, "must be an OAuth access token"),
    ],
    settings: &[
        optional("calendarId", is_token, "must name a calendar"),
        optional(
            "scope",
            |text| text.len() <= LONGEST,
            "must be a list of OAuth scopes",
        ),
    ],
};

const fn required(name: &'static str, fits: fn(&str) -> bool, must: &'static str) -> Field {
    Field {
        name,
        is_required: true,
        fits,
        must,
    }
}

const fn optional(name: &'static str, fits: fn(&str) -> bool, must: &'static str) -> Field {
    Field {
        name,
        is_required: false,
        fits,
        must,
    }
}

/// Credentials as somebody filled them in.
pub(crate) struct Filled {
    pub(crate) provider: Provider,
    pub(crate) external_id: String,
    pub(crate) secrets: HashMap<String, String>,
    pub(crate) settings: HashMap<String, String>,
}

impl TryFrom<Filled> for NewCredential {
    type Error = Problem;

    /// Checks every field; an empty one counts as absent.
    fn try_from(filled: Filled) -> Result<Self, Problem> {
        let Filled {
            provider,
            external_id,
            secrets,
            settings,
        } = filled;
        let form = match provider {
            Provider::Twilio => &TWILIO,
            Provider::Google | Provider::GoogleCalendar(_) => &GOOGLE,
        };
        let mut bad = Violations::default();
        let account = HashMap::from([(form.account.name.to_owned(), external_id)]);
        let mut account = present(std::slice::from_ref(&form.account), account, &mut bad);
        let secrets = present(form.secrets, secrets, &mut bad);
        let settings = present(form.settings, settings, &mut bad);
        if provider == Provider::Twilio {
            check_together(&secrets, &settings, &mut bad);
        }
        let external_id = account.remove(form.account.name);
        let secrets = secrets
            .into_iter()
            .map(|(name, text)| (name, SecretString::from(text)))
            .collect();
        bad.finish(external_id.map(|external_id| Self {
            provider,
            external_id,
            secrets,
            settings,
        }))
    }
}

/// A sender is needed, and an API key has two halves.
fn check_together(
    secrets: &BTreeMap<String, String>,
    settings: &BTreeMap<String, String>,
    bad: &mut Violations,
) {
    if settings.is_empty() {
        bad.add(
            "from",
            "REQUIRED",
            "either `from` or `messagingServiceSid` must be given",
        );
    }
    if secrets.contains_key("apiKeySid") != secrets.contains_key("apiKeySecret") {
        bad.add(
            "apiKeySecret",
            "REQUIRED",
            "`apiKeySid` and `apiKeySecret` belong together",
        );
    }
}

/// The values that are there, trimmed, after noting those that are wrong, unknown or missing.
fn present(
    fields: &[Field],
    values: HashMap<String, String>,
    bad: &mut Violations,
) -> BTreeMap<String, String> {
    let mut kept = BTreeMap::new();
    for (name, value) in values {
        // It may be a secret, and what is kept of it is a copy.
        let value = Zeroizing::new(value);
        let value = value.trim();
        let known = fields.iter().find(|field| field.name == name);
        match known {
            None => bad.add(name, "UNKNOWN_FIELD", "is not a field of these credentials"),
            Some(_) if value.is_empty() => {}
            Some(field) => {
                if !(field.fits)(value) {
                    bad.add(field.name, "FORMAT", field.must);
                }
                kept.insert(name, value.to_owned());
            }
        }
    }
    for field in fields.iter().filter(|field| field.is_required) {
        if !kept.contains_key(field.name) {
            bad.add(field.name, "REQUIRED", field.must);
        }
    }
    kept
}

fn is_sid(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_token(text: &str) -> bool {
    (4..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// E.164, a short code, or an alphanumeric sender of at most 11 characters.
fn is_sender(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let name = |c: char| c.is_ascii_alphanumeric() || c == ' ';
    match text.strip_prefix('+') {
        Some(number) => {
            (7..=15).contains(&number.len()) && digits(number) && !number.starts_with('0')
        }
        None if digits(text) => (3..=8).contains(&text.len()),
        None => (1..=11).contains(&text.len()) && text.chars().all(name),
    }
}

#[cfg(test)]
mod tests;

use secrecy::ExposeSecret as _;
use voxanne_problem::Violation;

use super::*;

fn check(
    provider: Provider,
    external_id: &str,
    secrets: &[(&str, &str)],
    settings: &[(&str, &str)],
) -> Result<NewCredential, Vec<Violation>> {
    let (external_id, secrets, settings) = (external_id.to_owned(), map(secrets), map(settings));
    NewCredential::try_from(Filled {
        provider,
        external_id,
        secrets,
        settings,
    })
    .map_err(|problem| problem.violations)
}

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn map(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn complaints(
    account: &str,
    secrets: &[(&str, &str)],
    settings: &[(&str, &str)],
) -> Vec<(String, String)> {
    let violations = check(Provider::Twilio, account, secrets, settings)
        .err()
        .unwrap_or_default();
    let mut named: Vec<_> = violations
        .into_iter()
        .map(|one| (one.field, one.code))
        .collect();
    named.sort();
    named
}

#[test]
fn good_credentials_are_trimmed_and_kept() {
    let Ok(kept) = check(
        Provider::Twilio,
        &format!(" {ACCOUNT} "),
        &[
            ("authToken", TOKEN),
            ("apiKeySid", ""),
            ("apiKeySecret", ""),
        ],
        &[("from", " +15551234567"), ("messagingServiceSid", "")],
    ) else {
        panic!("the credentials are good");
    };
    assert_eq!(kept.external_id, ACCOUNT);
    assert_eq!(
        kept.settings,
        BTreeMap::from([("from".to_owned(), "+15551234567".to_owned())])
    );
    assert_eq!(kept.secrets.keys().collect::<Vec<_>>(), ["authToken"]);
    assert_eq!(kept.secrets["authToken"].expose_secret(), TOKEN);
}

#[test]
fn every_bad_field_is_named_at_once() {
    let named = complaints(
        "AC123",
        &[("authToken", ""), ("apiKeySid", "SK1"), ("password", "x")],
        &[("from", "0555 12345678901")],
    );
    let expected = [
        ("accountSid", "FORMAT"),
        ("apiKeySecret", "REQUIRED"),
        ("apiKeySid", "FORMAT"),
        ("authToken", "REQUIRED"),
        ("from", "FORMAT"),
        ("password", "UNKNOWN_FIELD"),
    ];
    assert_eq!(
        named,
        expected.map(|(field, code)| (field.to_owned(), code.to_owned()))
    );
}

#[test]
fn a_sender_is_needed() {
    let named = complaints(ACCOUNT, &[("authToken", TOKEN)], &[]);
    assert_eq!(named, [("from".to_owned(), "REQUIRED".to_owned())]);
}

#[test]
fn a_sender_is_a_number_a_short_code_or_a_name() {
    for (text, accepted) in [
        ("+15551234567", true),
        ("+4930123456", true),
        ("+05551234567", false),
        ("+1555", false),
        ("+1555123456789012", false),
        ("12345", true),
        ("12", false),
        ("Acme Dental", true),
        ("Acme Dentists", false),
        ("Acme!", false),
    ] {
        assert_eq!(is_sender(text), accepted, "{text}");
    }
}

#[test]
fn google_needs_a_refresh_token() {
    let violations = check(Provider::Google, "desk@acme.example", &[], &[])
        .err()
        .expect("refused");
    assert_eq!(
        violations.iter().map(|one| &*one.field).collect::<Vec<_>>(),
        ["refreshToken"]
    );
}

//! What a new account must look like.

pub(crate) mod change;
mod common_passwords;
pub(crate) mod forgot;
pub(crate) mod login;
pub(crate) mod passwords;
mod renew;
pub(crate) mod reset;
pub(crate) mod sign_up;
pub(crate) mod store;
pub(crate) mod verify;
pub(crate) mod wire;

use std::{fmt, str::FromStr};

use jiff::tz::TimeZone;
use secrecy::SecretString;
use unicode_normalization::UnicodeNormalization as _;
use voxanne_privacy::Private;

/// RFC 5321 allows 254 bytes in all and 64 before the `@`.
const LONGEST_EMAIL: usize = 254;
const LONGEST_LOCAL_PART: usize = 64;
/// NIST SP 800-63B asks for at least 8 characters and at least 64 to be allowed. The upper bound
/// keeps a long text from becoming long work.
const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=256;
const LONGEST_CLINIC_NAME: usize = 120;

/// An e-mail address in the one spelling it is stored and looked up in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email(Private<String>);

/// A password that is long enough and not among the first that are guessed.
pub(crate) struct NewPassword(pub(crate) SecretString);

/// A clinic's name without surrounding blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClinicName(String);

/// An IANA zone that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ZoneName(String);

/// A field is not acceptable, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unacceptable(&'static str);

impl fmt::Display for Unacceptable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Email {
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn into_private(self) -> Private<String> {
        self.0
    }
}

impl FromStr for Email {
    type Err = Unacceptable;

    /// Only what every mail system agrees on is checked; whether the address exists shows when a
    /// mail arrives.
    fn from_str(text: &str) -> Result<Self, Unacceptable> {
        let email = one_spelling(text.trim());
        let (local, domain) = email.rsplit_once('@').unwrap_or_default();
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
        let labels_are_plain = domain.contains('.')
            && domain
                .split('.')
                .all(|label| !label.is_empty() && label.chars().all(plain));
        let fits = email.len() <= LONGEST_EMAIL && local.len() <= LONGEST_LOCAL_PART;
        if fits && !local.is_empty() && local.chars().all(plain) && labels_are_plain {
            Ok(Self(email.into()))
        } else {
            Err(Unacceptable("must be an e-mail address"))
        }
    }
}

/// Letters may be written as one or with their accents apart, and large or small: whoever means the
/// same address is found. Lowering takes some apart that belong together.
fn one_spelling(text: &str) -> String {
    let lowered = text.nfc().collect::<String>().to_lowercase();
    lowered.nfc().collect()
}

impl FromStr for NewPassword {
    type Err = Unacceptable;

    fn from_str(text: &str) -> Result<Self, Unacceptable> {
        if !PASSWORD_CHARACTERS.contains(&text.chars().count()) {
            Err(Unacceptable("must have from 8 to 256 characters"))
        } else if common_passwords::contain(text) {
            Err(Unacceptable("is one that is guessed first, choose another"))
        } else {
            Ok(Self(text.into()))
        }
    }
}

impl ClinicName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClinicName {
    type Err = Unacceptable;

    fn from_str(text: &str) -> Result<Self, Unacceptable> {
        let name = text.trim();
        let length = name.chars().count();
        if length == 0 || length > LONGEST_CLINIC_NAME || name.chars().any(char::is_control) {
            return Err(Unacceptable(
                "must have from 1 to 120 characters on one line",
            ));
        }
        Ok(Self(name.to_owned()))
    }
}

impl ZoneName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ZoneName {
    type Err = Unacceptable;

    /// Keeps the database's own spelling of the name.
    fn from_str(text: &str) -> Result<Self, Unacceptable> {
        let zone = TimeZone::get(text)
            .map_err(|_unknown| Unacceptable("must be an IANA time zone, such as Europe/Berlin"))?;
        let name = zone
            .iana_name()
            .ok_or(Unacceptable("must be an IANA time zone"))?;
        Ok(Self(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        let email: Email = "  Front.Desk+1@Clinic.Example ".parse().unwrap();
        assert_eq!(email.expose(), "front.desk+1@clinic.example");
        for (written, spelt) in [
            ("ZOE\u{308}@clinic.example", "zo\u{eb}@clinic.example"),
            ("Zo\u{cb}@clinic.example", "zo\u{eb}@clinic.example"),
            ("\u{130}@clinic.example", "i\u{307}@clinic.example"),
            ("I\u{307}@clinic.example", "i\u{307}@clinic.example"),
            ("\u{1e9e}@clinic.example", "\u{df}@clinic.example"),
            ("\u{212b}@clinic.example", "\u{e5}@clinic.example"),
        ] {
            let email: Email = written.parse().unwrap();
            assert_eq!(email.expose(), spelt, "{written}");
            let again: Email = spelt.parse().unwrap();
            assert_eq!(again, email, "{written}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@clinic.example", "a".repeat(65));
        for text in [
            "",
            "@",
            "a",
            "a@",
            "@b.c",
            "a@b",
            "a@b.",
            "a@.b",
            "a b@c.de",
            "a@b@c.de",
            "a@b c.de",
            "a@b.c\n.d",
            &long,
        ] {
            assert!(text.parse::<Email>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_password_is_counted_in_characters() {
        let of = |count: usize| "ä7q-".chars().cycle().take(count).collect::<String>();
        for (text, accepted) in [
            (of(7), false),
            (of(8), true),
            (of(256), true),
            (of(257), false),
        ] {
            assert_eq!(
                text.parse::<NewPassword>().is_ok(),
                accepted,
                "{}",
                text.len()
            );
        }
    }

    #[test]
    fn a_clinic_name_is_one_line() {
        assert_eq!(
            "  Acme Dental ".parse(),
            Ok(ClinicName("Acme Dental".to_owned()))
        );
        for text in ["", "  ", "a\nb", &"x".repeat(121)] {
            assert!(text.parse::<ClinicName>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_zone_exists_and_has_its_official_spelling() {
        assert_eq!(
            "america/new_york".parse(),
            Ok(ZoneName("America/New_York".to_owned()))
        );
        for text in ["", "Mars/Olympus", "+02:00", "Europe/../Berlin"] {
            assert!(text.parse::<ZoneName>().is_err(), "{text:?}");
        }
    }
}

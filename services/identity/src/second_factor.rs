//! Codes from an app that the user carries along (RFC 6238), and codes for the day it is lost.

pub(crate) mod begin;
pub(crate) mod challenges;
pub(crate) mod check;
pub(crate) mod confirm;
pub(crate) mod login;
pub(crate) mod recovery;
pub(crate) mod remove;
mod store;

use jiff::{SignedDuration, Timestamp};
use totp_rs::{Builder, Totp};
use voxanne_ids::UserId;
use zeroize::Zeroizing;

use crate::{Error, sealing::Row};

/// RFC 4226 recommends 160 bits.
const SECRET_BYTES: usize = 20;
/// One code in a million is right, and three are at any time: ten tries an hour make a guess of a
/// day's work succeed in 0.07 % of the days.
const TRIES: i32 = 10;
const TRIES_IN: SignedDuration = SignedDuration::from_hours(1);

/// What the user's app shares with us.
pub(crate) struct Secret(Zeroizing<[u8; SECRET_BYTES]>);

impl Secret {
    fn fresh() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
        aws_lc_rs::rand::fill(&mut *bytes).map_err(|_unspecified| Error::NoRandomness)?;
        Ok(Self(bytes))
    }

    fn read(bytes: &[u8]) -> Result<Self, Error> {
        let bytes = bytes.try_into();
        let bytes = bytes.map_err(|_size| Error::Unreadable("second factor"))?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// Six digits, 30 seconds and SHA-1, which every app knows; one step of clocks that differ.
    fn totp(&self, account: &str) -> Result<Totp, Error> {
        Builder::new()
            .with_secret(self.0.to_vec())
            // A colon separates issuer and account.
            .with_account_name(account.replace(':', "_"))
            .with_issuer(Some("Voxanne"))
            .build()
            .map_err(|_rule| Error::Unreadable("second factor"))
    }

    /// The step that `code` belongs to, if it is a code of now, or of just before or after.
    fn step_of(&self, code: &str, now: Timestamp) -> Result<Option<i64>, Error> {
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let step = self.totp("")?.check(code, seconds);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }
}

/// Wrong codes so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tries {
    failures: i32,
    since: Option<Timestamp>,
}

impl Tries {
    /// When another code may be tried, if not now.
    fn wait(self, now: Timestamp) -> Option<SignedDuration> {
        let over = self.since? + TRIES_IN;
        let is_spent = self.failures >= TRIES && now < over;
        is_spent.then(|| over.duration_since(now))
    }

    /// After another wrong code.
    fn failed(self, now: Timestamp) -> Self {
        let since = self.since.filter(|since| now < *since + TRIES_IN);
        match since {
            Some(_) => Self {
                failures: self.failures + 1,
                since,
            },
            None => Self {
                failures: 1,
                since: Some(now),
            },
        }
    }
}

const fn row(user: UserId) -> Row {
    Row {
        id: user.as_uuid(),
        table: "second_factor",
        column: "sealed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Appendix B of RFC 6238, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = Secret::read(b"12345678901234567890").unwrap();
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (2_000_000_000, "279037"),
        ] {
            let step = second / 30;
            for (now, expected) in [
                (second, Some(step)),
                (second + 30, Some(step)),
                (second - 30, Some(step)),
                (second + 90, None),
            ] {
                assert_eq!(secret.step_of(code, at(now)).unwrap(), expected, "{code}");
            }
        }
        for code in ["", "287083", "28708", "2870820", "abcdef", "２８７０８２"] {
            assert_eq!(secret.step_of(code, at(59)).unwrap(), None, "{code}");
        }
    }

    #[test]
    fn an_hour_has_ten_tries() {
        let start = at(1_000_000);
        let mut tries = Tries {
            failures: 0,
            since: None,
        };
        for _ in 0..TRIES {
            assert_eq!(tries.wait(start), None);
            tries = tries.failed(start);
        }
        assert_eq!(tries.wait(start), Some(TRIES_IN));
        let later = start + TRIES_IN;
        assert_eq!(tries.wait(later), None);
        assert_eq!(tries.failed(later).failures, 1);
    }

    #[test]
    fn an_address_with_a_colon_makes_a_link_all_the_same() {
        let secret = Secret::read(&[7; SECRET_BYTES]).unwrap();
        let url = secret.totp("a:b@c.example").unwrap().to_url().unwrap();
        assert!(url.starts_with("otpauth://totp/Voxanne:"), "{url}");
    }
}

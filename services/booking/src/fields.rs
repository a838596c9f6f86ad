//! What single fields of a request must look like.

use std::{
    fmt,
    ops::{Range, RangeInclusive},
    str::FromStr,
};

use jiff::{Timestamp, tz::TimeZone};
use phonenumber::{Mode, Type, country, metadata::DATABASE};
use voxanne_privacy::Private;
use voxanne_problem::{Problem, Violations};

const LONGEST_NAME: usize = 120;
const LONGEST_KIND: usize = 60;
/// RFC 5321 allows 254 bytes in all and 64 before the `@`.
const LONGEST_EMAIL: usize = 254;
const LONGEST_LOCAL_PART: usize = 64;
/// E.164 has 15 digits; the rest is room for how people write them.
const LONGEST_PHONE: usize = 40;
const E164_DIGITS: RangeInclusive<usize> = 10..=15;
const LONGEST_CALL_ID: usize = 128;
/// Times that Postgres and a day's arithmetic on either side can hold, in seconds since 1970.
const YEARS: Range<i64> = 0..253_370_764_800;

/// Why a field is not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unacceptable(pub(crate) &'static str);

impl fmt::Display for Unacceptable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A name on one line, with single blanks, so that the same person is found again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(String);

/// A phone number in E.164.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Phone(String);

/// An address a mail could be sent to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Email(String);

/// A kind of room or device, in lower case, so that what a service asks for is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind(String);

/// An IANA zone in its official spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ZoneName(String);

/// Vapi's id of a phone call; empty outside of calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CallRef(String);

macro_rules! as_str {
    ($($name:ident)*) => {$(
        impl $name {
            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }
    )*};
}

as_str!(Name Phone Email Kind ZoneName CallRef);

impl FromStr for Name {
    type Err = Unacceptable;

    fn from_str(text: &str) -> Result<Self, Unacceptable> {
        let wrong = Unacceptable("must have from 1 to 120 characters on one line");
        if text.trim().chars().any(char::is_control) {
            return Err(wrong);
        }
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
        fits.then_some(Self(name)).ok_or(wrong)
    }
}

impl FromStr for Kind {
    type Err = Unacceptable;

    fn from_str(text: &str) -> Result<Self, Unacceptable> {
        let wrong = Unacceptable("must have from 1 to 60 characters on one line");
        let Name(name) = text.parse().map_err(|_wrong| wrong)?;
        let kind = name.to_lowercase();
        let fits = kind.chars().count() <= LONGEST_KIND;
        fits.then_some(Self(kind)).ok_or(wrong)
    }
}

impl FromStr for Phone {
    type Err = Unacceptable;

    /// A number without `+` is read as one of the United States. Numbers that cost extra are
    /// refused: a text to them would be sold to the clinic. One that is in no numbering plan known
    /// here may be newer than the plan, so its form decides.
    fn from_str(text: &str) -> Result<Self, Unacceptable> {
        let wrong = Unacceptable("must be a phone number, such as +14155550123");
        let text = text.trim();
        let plain = |c: char| c.is_ascii_digit() || " +-().".contains(c);
        if text.len() > LONGEST_PHONE || !text.chars().all(plain) {
            return Err(wrong);
        }
        let number = phonenumber::parse(Some(country::US), text).map_err(|_no_number| wrong)?;
        let e164 = number.format().mode(Mode::E164).to_string();
        let refused = matches!(
            number.number_type(&DATABASE),
            Type::PremiumRate | Type::SharedCost | Type::Emergency | Type::ShortCode
        );
        if refused || !(number.is_valid() || is_well_formed(&e164)) {
            return Err(wrong);
        }
        Ok(Self(e164))
    }
}

/// North American numbers have ten digits and an area code from 2 on, of which 911 and its like are
/// none; others differ by country, and short ones are for services and emergencies.
fn is_well_formed(e164: &str) -> bool {
    match e164.strip_prefix("+1") {
        Some(national) => {
            let area = &national.as_bytes()[..3.min(national.len())];
            national.len() == 10 && area[0] >= b'2' && area[1..] != *b"11"
        }
        None => E164_DIGITS.contains(&(e164.len() - 1)),
    }
}

impl FromStr for Email {
    type Err = Unacceptable;

    fn from_str(text: &str) -> Result<Self, Unacceptable> {
        let email = text.trim();
        let (local, domain) = email.rsplit_once('@').unwrap_or_default();
        let plain = |part: &str| {
            !part.is_empty()
                && !part
                    .chars()
                    .any(|c| c.is_whitespace() || c.is_control() || c == '@')
        };
        let fits = email.len() <= LONGEST_EMAIL && local.len() <= LONGEST_LOCAL_PART;
        if fits && plain(local) && domain.contains('.') && domain.split('.').all(plain) {
            Ok(Self(email.to_owned()))
        } else {
            Err(Unacceptable("must be an e-mail address"))
        }
    }
}

impl FromStr for ZoneName {
    type Err = Unacceptable;

    fn from_str(text: &str) -> Result<Self, Unacceptable> {
        let wrong = Unacceptable("must be an IANA time zone, such as Europe/Berlin");
        let zone = TimeZone::get(text).map_err(|_unknown| wrong)?;
        zone.iana_name()
            .map(|name| Self(name.to_owned()))
            .ok_or(wrong)
    }
}

impl FromStr for CallRef {
    type Err = Unacceptable;

    fn from_str(text: &str) -> Result<Self, Unacceptable> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && text.len() <= LONGEST_CALL_ID {
            Ok(Self(text.to_owned()))
        } else {
            Err(Unacceptable(
                "must have at most 128 visible ASCII characters",
            ))
        }
    }
}

/// A text of several lines with at most `longest` characters.
pub(crate) fn free_text(text: &str, longest: usize) -> Result<Private<String>, Unacceptable> {
    let text = text.trim();
    if text.chars().count() > longest {
        return Err(Unacceptable("is too long"));
    }
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(Unacceptable("must not hold control characters"));
    }
    Ok(text.into())
}

/// An id that must be there.
pub(crate) fn id<T>(bad: &mut Violations, field: &str, text: &str) -> Option<T>
where
    T: FromStr<Err: fmt::Display>,
{
    if text.is_empty() {
        bad.add(field, "REQUIRED", "must be given");
        return None;
    }
    bad.take(field, "ID", text.parse())
}

/// An id that may be left empty.
pub(crate) fn optional_id<T>(bad: &mut Violations, field: &str, text: &str) -> Option<Option<T>>
where
    T: FromStr<Err: fmt::Display>,
{
    if text.is_empty() {
        Some(None)
    } else {
        id(bad, field, text).map(Some)
    }
}

/// A moment that must be there.
pub(crate) fn moment(
    bad: &mut Violations,
    field: &str,
    at: Option<&prost_types::Timestamp>,
) -> Option<Timestamp> {
    let Some(at) = at else {
        bad.add(field, "REQUIRED", "must be given");
        return None;
    };
    let read = voxanne_clock::from_proto(at)
        .ok()
        .filter(|at| YEARS.contains(&at.as_second()));
    bad.take(
        field,
        "TIME",
        read.ok_or(Unacceptable("must be from 1970 to 9998")),
    )
}

/// A change to a field that may be left as it is.
pub(crate) fn changed<T>(
    bad: &mut Violations,
    field: &str,
    code: &str,
    text: Option<&String>,
) -> Option<Option<T>>
where
    T: FromStr<Err: fmt::Display>,
{
    match text {
        None => Some(None),
        Some(text) => bad.take(field, code, text.parse()).map(Some),
    }
}

/// A refusal of one field that only the service can judge.
pub(crate) fn refused(field: &str, code: &str, detail: &'static str) -> Problem {
    let mut bad = Violations::default();
    bad.add(field, code, detail);
    bad.finish::<()>(None).expect_err("a violation was noted")
}

#[cfg(test)]
mod tests;

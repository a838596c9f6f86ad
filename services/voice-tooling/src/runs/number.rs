//! A phone number as it is said or shown, in the form it is kept.

use phonenumber::{Mode, country};

/// North American numbers have ten digits behind the country code.
const NORTH_AMERICAN: usize = 10;
/// Behind any other country code there are so many (ITU-T E.164 allows 15 in all).
const ELSEWHERE: std::ops::RangeInclusive<usize> = 6..=14;

/// The number in E.164; one without a country code is read as a number in the United States.
///
/// Only its length is checked: which ranges are given out changes, and a number that nobody has
/// shows as a text that does not arrive.
pub(crate) fn e164(text: &str) -> Option<String> {
    let number = phonenumber::parse(Some(country::Id::US), text.trim()).ok()?;
    let digits = number.national().to_string().len();
    let plausible = match number.code().value() {
        1 => digits == NORTH_AMERICAN,
        _ => ELSEWHERE.contains(&digits),
    };
    plausible.then(|| number.format().mode(Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_with_its_country() {
        for (said, kept) in [
            ("+15558675310", Some("+15558675310")),
            ("(415) 555-0132", Some("+14155550132")),
            ("1 415 555 0132", Some("+14155550132")),
            ("+49 30 901820", Some("+4930901820")),
            ("555-0132", None),
            ("anonymous", None),
            ("", None),
        ] {
            assert_eq!(e164(said).as_deref(), kept, "{said}");
        }
    }
}

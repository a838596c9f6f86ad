//! Days as people name them.

use jiff::civil::{Date, Weekday};

/// A civil day, by its date or by what somebody on the phone calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Day {
    On(Date),
    Today,
    Tomorrow,
    /// The first such day after today.
    Next(Weekday),
}

impl Day {
    pub(crate) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "today" => Self::Today,
            "tomorrow" => Self::Tomorrow,
            "monday" => Self::Next(Weekday::Monday),
            "tuesday" => Self::Next(Weekday::Tuesday),
            "wednesday" => Self::Next(Weekday::Wednesday),
            "thursday" => Self::Next(Weekday::Thursday),
            "friday" => Self::Next(Weekday::Friday),
            "saturday" => Self::Next(Weekday::Saturday),
            "sunday" => Self::Next(Weekday::Sunday),
            _ => return None,
        })
    }

    /// The date, where it is `today`. There is no day after the last of the calendar.
    pub(crate) fn date(self, today: Date) -> Date {
        match self {
            Self::On(date) => date,
            Self::Today => today,
            Self::Tomorrow => today.tomorrow().unwrap_or(today),
            Self::Next(weekday) => today.nth_weekday(1, weekday).unwrap_or(today),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_date_by_the_day_it_is_said_on() {
        // A Thursday, the last day of a year.
        let today: Date = "2026-12-31".parse().unwrap();
        for (word, date) in [
            ("today", "2026-12-31"),
            ("tomorrow", "2027-01-01"),
            ("friday", "2027-01-01"),
            ("wednesday", "2027-01-06"),
            ("thursday", "2027-01-07"),
        ] {
            let day = Day::named(word).unwrap();
            assert_eq!(day.date(today).to_string(), date, "{word}");
        }
        assert_eq!(Day::named("next tuesday"), None);
        assert_eq!(Day::Tomorrow.date(Date::MAX), Date::MAX);
    }
}

//! Times and choices as one says them.

use jiff::civil::{Date, DateTime, Time};

/// "Tuesday, December 1"
pub(crate) fn day(date: Date) -> String {
    date.strftime("%A, %B %-d").to_string()
}

/// "9 AM", "9:30 AM"
pub(crate) fn time(time: Time) -> String {
    let format = if time.minute() == 0 {
        "%-I %p"
    } else {
        "%-I:%M %p"
    };
    time.strftime(format).to_string()
}

/// "Tuesday, December 1 at 9 AM"
pub(crate) fn moment(at: DateTime) -> String {
    format!("{} at {}", day(at.date()), time(at.time()))
}

/// "a", "a or b", "a, b or c"
pub(crate) fn choice(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
    }
}

/// Times with who gives them, as a choice: the day is said once for all times on it, and the name
/// once when it is the same for all.
pub(crate) fn offer(times: &[(DateTime, &str)]) -> String {
    let one_name = times.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let mut parts: Vec<String> = Vec::new();
    let mut last_day = None;
    for (at, name) in times {
        let mut part = if last_day == Some(at.date()) {
            time(at.time())
        } else {
            moment(*at)
        };
        if !one_name && !name.is_empty() {
            part = format!("{part} with {name}");
        }
        last_day = Some(at.date());
        parts.push(part);
    }
    match times.first() {
        Some((_, name)) if one_name && !name.is_empty() => {
            format!("{}, with {name}", choice(&parts))
        }
        _ => choice(&parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_is_said_as_people_say_it() {
        for (written, said) in [
            ("2026-12-01T09:00", "Tuesday, December 1 at 9 AM"),
            ("2026-12-01T09:30", "Tuesday, December 1 at 9:30 AM"),
            ("2026-02-28T12:00", "Saturday, February 28 at 12 PM"),
            ("2026-02-28T00:05", "Saturday, February 28 at 12:05 AM"),
            ("2026-11-22T17:45", "Sunday, November 22 at 5:45 PM"),
        ] {
            assert_eq!(moment(at(written)), said);
        }
    }

    #[test]
    fn an_offer_repeats_neither_day_nor_name() {
        let (nine, ten, next) = (
            at("2026-12-01T09:00"),
            at("2026-12-01T10:15"),
            at("2026-12-02T08:00"),
        );
        assert_eq!(
            offer(&[(nine, "Dr. Lee"), (ten, "Dr. Lee"), (next, "Dr. Lee")]),
            "Tuesday, December 1 at 9 AM, 10:15 AM or Wednesday, December 2 at 8 AM, with Dr. Lee"
        );
        assert_eq!(
            offer(&[(nine, "Dr. Lee"), (ten, "Dr. Wu")]),
            "Tuesday, December 1 at 9 AM with Dr. Lee or 10:15 AM with Dr. Wu"
        );
        assert_eq!(offer(&[(nine, "")]), "Tuesday, December 1 at 9 AM");
    }
}

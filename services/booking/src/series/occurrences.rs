//! When the visits of a series are.

use jiff::{
    Timestamp, ToSpan as _,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};

/// How often, and how many times in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rhythm {
    pub(crate) every_days: i32,
    pub(crate) count: i32,
}

/// One visit of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// What the clinic's clock shows.
    pub(crate) local_time: DateTime,
    /// `None` on a day on which the clock skips this time.
    pub(crate) starts_at: Option<Timestamp>,
}

/// The visits, the first at `first`. All have its time of the day by the clock of `zone`; a time that
/// comes twice is the first of the two.
pub(crate) fn occurrences(
    zone: &TimeZone,
    first: Timestamp,
    rhythm: Rhythm,
) -> impl Iterator<Item = Occurrence> {
    let begin = zone.to_datetime(first);
    (0..rhythm.count).map_while(move |number| {
        let days = i64::from(number) * i64::from(rhythm.every_days);
        let local_time = begin.checked_add(days.days()).ok()?;
        // The first is the instant that was asked for, also where its time comes twice.
        let starts_at = match number {
            0 => Some(first),
            _ => instant(zone, local_time),
        };
        Some(Occurrence {
            local_time,
            starts_at,
        })
    })
}

fn instant(zone: &TimeZone, local: DateTime) -> Option<Timestamp> {
    let found = zone.to_ambiguous_timestamp(local);
    match found.offset() {
        AmbiguousOffset::Gap { .. } => None,
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => found.earlier().ok(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn starts(zone: &str, first: &str, every_days: i32, count: i32) -> Vec<Option<String>> {
        let zone = TimeZone::get(zone).unwrap();
        let first = first.parse().unwrap();
        occurrences(&zone, first, Rhythm { every_days, count })
            .map(|one| one.starts_at.map(|at| at.to_string()))
            .collect()
    }

    fn some(starts: &[&str]) -> Vec<Option<String>> {
        starts.iter().map(|at| Some((*at).to_owned())).collect()
    }

    #[test]
    fn the_time_by_the_clock_is_kept_when_the_clock_changes() {
        for (zone, first, wanted) in [
            (
                "America/New_York",
                "2026-10-26T13:00:00Z",
                ["2026-10-26T13:00:00Z", "2026-11-02T14:00:00Z"],
            ),
            (
                "Europe/London",
                "2027-03-24T13:00:00Z",
                ["2027-03-24T13:00:00Z", "2027-03-31T12:00:00Z"],
            ),
            (
                "Australia/Lord_Howe",
                "2027-03-30T22:00:00Z",
                ["2027-03-30T22:00:00Z", "2027-04-06T22:30:00Z"],
            ),
            (
                "Asia/Kolkata",
                "2027-03-24T03:30:00Z",
                ["2027-03-24T03:30:00Z", "2027-03-31T03:30:00Z"],
            ),
        ] {
            assert_eq!(starts(zone, first, 7, 2), some(&wanted), "{zone}");
        }
    }

    #[test]
    fn a_time_that_is_skipped_is_no_visit_and_the_next_is_in_time_again() {
        // New York, 02:30; the night of 14 March 2027 has none.
        assert_eq!(
            starts("America/New_York", "2027-03-13T07:30:00Z", 1, 3),
            [
                Some("2027-03-13T07:30:00Z".to_owned()),
                None,
                Some("2027-03-15T06:30:00Z".to_owned()),
            ]
        );
    }

    #[test]
    fn of_a_time_that_comes_twice_the_first_is_meant() {
        // New York, 01:30; 1 November 2026 has two.
        assert_eq!(
            starts("America/New_York", "2026-10-31T05:30:00Z", 1, 2),
            some(&["2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z"])
        );
    }

    proptest! {
        #[test]
        fn every_visit_shows_the_same_time_on_the_clock(
            zone in prop_oneof![
                Just("America/New_York"), Just("Europe/London"), Just("Australia/Lord_Howe"),
                Just("America/Sao_Paulo"), Just("Africa/Casablanca"), Just("Asia/Kolkata")],
            minutes in 0_i64..1_000_000,
            every_days in 1_i32..180,
            count in 1_i32..26,
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let first = Timestamp::from_second(1_790_000_000 + minutes * 60).unwrap();
            let clock = zone.to_datetime(first).time();
            let all: Vec<_> = occurrences(&zone, first, Rhythm { every_days, count }).collect();
            prop_assert_eq!(all.len(), usize::try_from(count).unwrap());
            for one in all {
                prop_assert_eq!(one.local_time.time(), clock);
                if let Some(at) = one.starts_at {
                    prop_assert_eq!(zone.to_datetime(at), one.local_time);
                }
            }
        }
    }
}

//! Tables and properties of the rule that lists and judges.

mod property;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{
    Calendar, HORIZON, Length, Refusal, Span,
    explain::{self, Reason},
    week::{Hours, Week},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

fn plain(visit: i64) -> Length {
    Length {
        visit: minutes(visit),
        before: minutes(0),
        after: minutes(0),
    }
}

/// Open every day from `opens` to `closes`.
fn daily(zone: &str, opens: i16, closes: i16) -> Calendar {
    let hours = (1..=7).map(|weekday| Hours {
        weekday,
        opens: opens * 60,
        closes: closes * 60,
    });
    Calendar {
        zone: TimeZone::get(zone).unwrap(),
        week: Week::new(hours.collect()).unwrap(),
        busy: Vec::new(),
    }
}

/// The slots of one civil day, as `civil time + UTC time`.
fn day(calendar: &Calendar, length: Length, date: &str) -> Vec<String> {
    let zone = &calendar.zone;
    let noon: jiff::civil::Date = date.parse().unwrap();
    let noon = zone.to_timestamp(noon.at(12, 0, 0, 0)).unwrap();
    let span = Span {
        from: noon - minutes(36 * 60),
        to: noon + minutes(36 * 60),
    };
    calendar
        .slots(length, span, noon - minutes(72 * 60))
        .map(|start| (zone.to_datetime(start), start))
        .filter(|(civil, _)| civil.date().to_string() == date)
        .map(|(civil, start)| format!("{} {}", civil.strftime("%H:%M"), start.strftime("%H:%MZ")))
        .collect()
}

const NEW_YORK: &str = "America/New_York";
const LONDON: &str = "Europe/London";
const LORD_HOWE: &str = "Australia/Lord_Howe";
const SAO_PAULO: &str = "America/Sao_Paulo";

/// Zone, opening hours, minutes of a visit, date, and the slots.
type Day = (&'static str, (i16, i16), i64, &'static str, &'static str);

#[rustfmt::skip]
const DAYS: [Day; 19] = [
    // 02:00 to 03:00 does not exist
    (NEW_YORK, (0, 5), 60, "2026-03-08", "00:00 05:00Z,01:00 06:00Z,03:00 07:00Z,04:00 08:00Z"),
    (NEW_YORK, (9, 11), 60, "2026-03-08", "09:00 13:00Z,10:00 14:00Z"),
    (NEW_YORK, (13, 15), 60, "2026-03-08", "13:00 17:00Z,14:00 18:00Z"),
    (NEW_YORK, (2, 3), 30, "2026-03-08", ""),
    (NEW_YORK, (2, 5), 60, "2026-03-08", "03:00 07:00Z,04:00 08:00Z"),
    // 01:00 to 02:00 comes twice
    (NEW_YORK, (0, 3), 60, "2026-11-01", "00:00 04:00Z,01:00 05:00Z,01:00 06:00Z,02:00 07:00Z"),
    (NEW_YORK, (1, 2), 60, "2026-11-01", "01:00 05:00Z,01:00 06:00Z"),
    (NEW_YORK, (9, 11), 60, "2026-11-01", "09:00 14:00Z,10:00 15:00Z"),
    (LONDON, (0, 4), 60, "2026-03-29", "00:00 00:00Z,02:00 01:00Z,03:00 02:00Z"),
    (LONDON, (9, 11), 60, "2026-07-01", "09:00 08:00Z,10:00 09:00Z"),
    (LONDON, (22, 24), 60, "2026-12-07", "22:00 22:00Z,23:00 23:00Z"),
    ("Asia/Kolkata", (9, 11), 60, "2026-12-07", "09:00 03:30Z,10:00 04:30Z"),
    // half an hour is skipped, and comes twice
    (LORD_HOWE, (1, 4), 30, "2026-10-04",
     "01:00 14:30Z,01:30 15:00Z,02:30 15:30Z,03:00 16:00Z,03:30 16:30Z"),
    (LORD_HOWE, (1, 3), 30, "2026-04-05",
     "01:00 14:00Z,01:30 14:30Z,01:30 15:00Z,02:00 15:30Z,02:30 16:00Z"),
    // the clocks went forward at midnight until 2018, and stay since
    (SAO_PAULO, (0, 3), 60, "2018-11-04", "01:00 03:00Z,02:00 04:00Z"),
    (SAO_PAULO, (22, 24), 60, "2018-11-03", "22:00 01:00Z,23:00 02:00Z"),
    (SAO_PAULO, (0, 2), 60, "2026-11-01", "00:00 03:00Z,01:00 04:00Z"),
    // a visit that does not fit is not offered
    ("UTC", (9, 11), 50, "2026-12-07", "09:00 09:00Z,09:50 09:50Z"),
    ("UTC", (9, 10), 90, "2026-12-07", ""),
];

#[test]
fn a_day_has_the_slots_its_clocks_show() {
    for (zone, (opens, closes), visit, date, slots) in DAYS {
        let found = day(&daily(zone, opens, closes), plain(visit), date).join(",");
        assert_eq!(found, slots, "{zone} {opens}-{closes} {date}");
    }
}

#[test]
fn buffers_keep_their_distance_and_touching_is_free() {
    let mut calendar = daily("UTC", 9, 12);
    calendar.busy = vec![Span {
        from: at("2026-12-07T10:00:00Z"),
        to: at("2026-12-07T10:30:00Z"),
    }];
    let starts = |length| {
        let found = day(&calendar, length, "2026-12-07");
        found
            .iter()
            .map(|slot| slot[..5].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        starts(plain(30)),
        ["09:00", "09:30", "10:30", "11:00", "11:30"]
    );
    let buffered = Length {
        before: minutes(15),
        after: minutes(15),
        ..plain(30)
    };
    assert_eq!(starts(buffered), ["09:00", "11:00", "11:30"]);
}

#[test]
fn a_start_that_is_not_offered_is_refused_with_its_reason() {
    let mut calendar = daily("UTC", 9, 17);
    calendar.busy = vec![Span {
        from: at("2026-12-07T10:00:00Z"),
        to: at("2026-12-07T10:30:00Z"),
    }];
    let now = at("2026-12-07T09:30:00Z");
    for (start, judged) in [
        ("2026-12-07T10:30:00Z", Ok(())),
        ("2026-12-07T10:00:00Z", Err(Refusal::Taken)),
        ("2026-12-07T09:30:00Z", Err(Refusal::InPast)),
        ("2026-12-07T09:00:00Z", Err(Refusal::InPast)),
        ("2026-12-07T10:45:00Z", Err(Refusal::OffGrid)),
        ("2026-12-07T10:30:00.5Z", Err(Refusal::OffGrid)),
        ("2026-12-07T17:00:00Z", Err(Refusal::OutsideHours)),
        ("2026-12-07T03:00:00Z", Err(Refusal::InPast)),
        ("2026-12-08T03:00:00Z", Err(Refusal::OutsideHours)),
        ("2028-02-07T10:30:00Z", Err(Refusal::TooFar)),
        ("9998-01-01T10:30:00Z", Err(Refusal::TooFar)),
    ] {
        assert_eq!(calendar.judge(plain(30), at(start), now), judged, "{start}");
    }
}

#[test]
fn overlapping_hours_are_no_week() {
    let hours = |weekday, opens, closes| Hours {
        weekday,
        opens,
        closes,
    };
    for (week, accepted) in [
        (vec![hours(1, 540, 720), hours(1, 720, 1020)], true),
        (vec![hours(1, 720, 1020), hours(1, 540, 721)], false),
        (vec![hours(1, 540, 720), hours(2, 540, 720)], true),
        (vec![hours(1, 540, 720), hours(1, 540, 720)], false),
        (vec![], true),
    ] {
        assert_eq!(Week::new(week.clone()).is_ok(), accepted, "{week:?}");
    }
}

#[test]
fn every_day_without_a_slot_has_its_reason() {
    let mut calendar = daily("UTC", 9, 11);
    let monday_to_friday = Week::usual().hours().to_vec();
    calendar.week = Week::new(monday_to_friday).unwrap();
    // Wednesday is full.
    calendar.busy = vec![Span {
        from: at("2026-12-09T00:00:00Z"),
        to: at("2026-12-10T00:00:00Z"),
    }];
    let now = at("2026-12-07T20:00:00Z");
    let span = Span {
        from: at("2026-12-07T00:00:00Z"),
        to: at("2026-12-14T00:00:00Z"),
    };
    let reasons = |calendars: &[&Calendar]| {
        explain::empty_days(calendars, plain(30), (span, &TimeZone::UTC), now)
            .into_iter()
            .map(|day| (day.date.day(), day.reason))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        reasons(&[&calendar]),
        [
            (7, Reason::Past),
            (9, Reason::Full),
            (12, Reason::Closed),
            (13, Reason::Closed)
        ]
    );
    assert_eq!(reasons(&[]).len(), 7);
    assert!(
        reasons(&[])
            .iter()
            .all(|(_, reason)| *reason == Reason::NoProvider)
    );
}

#[test]
fn a_span_of_centuries_ends_at_the_horizon() {
    let calendar = daily("UTC", 9, 10);
    let now = at("2026-12-07T00:00:00Z");
    let span = Span {
        from: at("1970-01-01T00:00:00Z"),
        to: at("9998-01-01T00:00:00Z"),
    };
    let slots: Vec<_> = calendar.slots(plain(60), span, now).collect();
    assert_eq!(slots.len(), 400);
    assert!(
        slots
            .iter()
            .all(|start| start.duration_since(now) <= HORIZON)
    );
}

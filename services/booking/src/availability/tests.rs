//! Tables and properties of the rule that lists and judges.

mod clock;
mod days;
mod explained;
mod property;
mod terms;

use std::{collections::HashMap, sync::Arc};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{
    Calendar, Length, Refusal, Span,
    rules::Rules,
    spans::Spans,
    week::{Contradiction, Hours, Week},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn span(from: &str, to: &str) -> Span {
    Span {
        from: at(from),
        to: at(to),
    }
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

/// A stretch of one weekday in minutes of the day.
const fn hours(weekday: i8, opens: i16, closes: i16) -> Hours {
    Hours {
        weekday,
        opens,
        closes,
    }
}

fn calendar(zone: &str, week: Week) -> Calendar {
    Calendar {
        zone: TimeZone::get(zone).unwrap(),
        week: Arc::new(week),
        special: Arc::default(),
        busy: Spans::default(),
        blocked: Spans::default(),
        rooms: None,
        rules: Rules::default(),
        visits: HashMap::new(),
    }
}

/// Open every day from `opens` to `closes`.
fn daily(zone: &str, opens: i16, closes: i16) -> Calendar {
    let week = (1..=7).map(|weekday| hours(weekday, opens * 60, closes * 60));
    calendar(zone, Week::new(week.collect(), Vec::new()).unwrap())
}

/// The civil starts within a span, seen from long before.
fn starts(calendar: &Calendar, length: Length, span: Span) -> Vec<String> {
    let now = span.from - minutes(24 * 60);
    calendar
        .slots(length, span, now)
        .map(|start| {
            calendar
                .zone
                .to_datetime(start)
                .strftime("%d %H:%M")
                .to_string()
        })
        .collect()
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

#[test]
fn buffers_keep_their_distance_and_touching_is_free() {
    let mut calendar = daily("UTC", 9, 12);
    calendar.busy = Spans::new(vec![span("2026-12-07T10:00:00Z", "2026-12-07T10:30:00Z")]);
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
    calendar.busy = Spans::new(vec![span("2026-12-07T10:00:00Z", "2026-12-07T10:30:00Z")]);
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
fn hours_and_breaks_that_contradict_each_other_are_no_week() {
    let (morning, noon) = (hours(1, 540, 720), hours(1, 720, 1020));
    for (week, breaks, made) in [
        (vec![morning, noon], vec![], Ok(())),
        (
            vec![hours(1, 720, 1020), hours(1, 540, 721)],
            vec![],
            Err(Contradiction::Hours),
        ),
        (vec![morning, hours(2, 540, 720)], vec![], Ok(())),
        (vec![morning, morning], vec![], Err(Contradiction::Hours)),
        (vec![], vec![], Ok(())),
        // A break may lie across hours that touch, and fill them.
        (vec![morning, noon], vec![hours(1, 690, 750)], Ok(())),
        (vec![morning], vec![morning], Ok(())),
        (
            vec![morning],
            vec![hours(1, 600, 630), hours(1, 630, 660)],
            Ok(()),
        ),
        (
            vec![morning],
            vec![hours(1, 600, 631), hours(1, 630, 660)],
            Err(Contradiction::Breaks),
        ),
        (
            vec![morning],
            vec![hours(1, 700, 730)],
            Err(Contradiction::BreakOutside),
        ),
        (
            vec![morning],
            vec![hours(2, 600, 630)],
            Err(Contradiction::BreakOutside),
        ),
    ] {
        let judged = Week::new(week.clone(), breaks.clone()).map(drop);
        assert_eq!(judged, made, "{week:?} {breaks:?}");
    }
}

#[test]
fn a_span_of_centuries_ends_at_the_horizon() {
    let calendar = daily("UTC", 9, 10);
    let now = at("2026-12-07T12:00:00Z");
    let span = span("1970-01-01T00:00:00Z", "9998-01-01T00:00:00Z");
    let slots: Vec<_> = calendar.slots(plain(60), span, now).collect();
    assert_eq!(slots.len(), 400);
    assert_eq!(
        slots[399],
        at("2028-01-11T09:00:00Z"),
        "four hundred days later"
    );
}

//! Each day without a slot has its reason.

use std::{collections::BTreeMap, sync::Arc};

use jiff::tz::TimeZone;

use super::{at, calendar, daily, hours, minutes, plain, span};
use crate::availability::{
    Calendar, Special,
    explain::{self, EmptyDay, Reason},
    spans::Spans,
    week::{Hours, Week},
};

const WEEK: (&str, &str) = ("2026-12-07T00:00:00Z", "2026-12-14T00:00:00Z");

fn explained(calendars: &[&Calendar], now: &str) -> Vec<EmptyDay> {
    let span = span(WEEK.0, WEEK.1);
    explain::empty_days(calendars, plain(30), (span, &TimeZone::UTC), at(now))
}

fn reasons(calendar: &Calendar, now: &str) -> Vec<(i8, &'static str)> {
    let days = explained(&[calendar], now).into_iter();
    days.map(|day| (day.date.day(), day.reason.code()))
        .collect()
}

#[test]
fn every_day_without_a_slot_has_its_reason() {
    let mut calendar = calendar("UTC", weekdays(vec![hours(4, 540, 660)]));
    // Wednesday is full, Thursday a break, Friday a holiday.
    calendar.busy = Spans::new(vec![span("2026-12-09T00:00:00Z", "2026-12-10T00:00:00Z")]);
    let holiday = Special::Holiday("Founders' Day".to_owned());
    calendar.special = Arc::new(BTreeMap::from([("2026-12-11".parse().unwrap(), holiday)]));
    let evening = "2026-12-07T20:00:00Z";
    assert_eq!(
        reasons(&calendar, evening),
        [
            (7, "PAST"),
            (9, "FULL"),
            (10, "BREAK"),
            (11, "HOLIDAY"),
            (12, "CLOSED"),
            (13, "CLOSED")
        ]
    );
    let days = explained(&[&calendar], evening);
    assert_eq!(
        days[3].reason.sentence(),
        "The clinic is closed on this day: Founders' Day."
    );
    assert!(days.iter().all(|day| day.reason.sentence().ends_with('.')));
}

fn weekdays(breaks: Vec<Hours>) -> Week {
    Week::new((1..=5).map(|day| hours(day, 540, 660)).collect(), breaks).unwrap()
}

#[test]
fn a_day_that_a_service_refuses_says_so() {
    let now = "2026-12-06T12:00:00Z";
    let mut limited = daily("UTC", 9, 11);
    limited.rules.daily_limit = Some(1);
    limited.visits = [("2026-12-08".parse().unwrap(), 1)].into();
    // A free time does not help on a day that takes no more, and is not told to be taken.
    limited.busy = Spans::new(vec![span("2026-12-08T09:00:00Z", "2026-12-08T09:30:00Z")]);
    assert_eq!(reasons(&limited, now), [(8, "DAILY_LIMIT")]);

    let mut hasty = daily("UTC", 9, 11);
    hasty.rules.notice = minutes(48 * 60);
    hasty.rules.horizon = 5;
    assert_eq!(
        reasons(&hasty, now),
        [
            (7, "SHORT_NOTICE"),
            (8, "SHORT_NOTICE"),
            (12, "BEYOND_HORIZON"),
            (13, "BEYOND_HORIZON")
        ]
    );

    let mut roomless = daily("UTC", 9, 11);
    roomless.rooms = Some(Arc::new([]));
    assert_eq!(reasons(&roomless, now).len(), 7);
    assert_eq!(reasons(&roomless, now)[0], (7, "NO_ROOM"));

    let mut away = daily("UTC", 9, 11);
    away.blocked = Spans::new(vec![span("2026-12-08T00:00:00Z", "2026-12-11T00:00:00Z")]);
    assert_eq!(
        reasons(&away, now),
        [(8, "BLOCKED"), (9, "BLOCKED"), (10, "BLOCKED")]
    );
}

#[test]
fn of_several_providers_the_nearest_to_a_slot_tells_the_reason() {
    let closed = calendar("UTC", Week::default());
    let mut full = daily("UTC", 9, 11);
    full.busy = Spans::new(vec![span(WEEK.0, WEEK.1)]);
    let now = "2026-12-06T12:00:00Z";
    let days = explained(&[&closed, &full], now);
    assert_eq!(days.len(), 7);
    assert!(days.iter().all(|day| day.reason == Reason::Full));
    assert!(explained(&[&closed, &daily("UTC", 9, 11)], now).is_empty());
    assert!(
        explained(&[], now)
            .iter()
            .all(|day| day.reason == Reason::NoProvider)
    );
}

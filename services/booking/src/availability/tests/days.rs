//! Breaks, and days that differ from the week.

use std::{collections::BTreeMap, sync::Arc};

use super::{at, calendar, daily, hours, plain, span, starts};
use crate::availability::{
    Calendar, Refusal, Special,
    week::{Stretch, Week},
};

fn with_break() -> Calendar {
    let week = Week::new(vec![hours(1, 540, 840)], vec![hours(1, 660, 720)]);
    calendar("UTC", week.unwrap())
}

fn set(calendar: &mut Calendar, date: &str, special: Special) {
    let mut days = BTreeMap::clone(&calendar.special);
    days.insert(date.parse().unwrap(), special);
    calendar.special = Arc::new(days);
}

#[test]
fn nothing_reaches_into_a_break_and_the_grid_begins_anew_behind_it() {
    let monday = span("2026-12-07T00:00:00Z", "2026-12-08T00:00:00Z");
    assert_eq!(
        starts(&with_break(), plain(50), monday),
        ["07 09:00", "07 09:50", "07 12:00", "07 12:50"]
    );
    let now = at("2026-12-06T00:00:00Z");
    for (start, refusal) in [
        ("2026-12-07T11:00:00Z", Refusal::InBreak),
        ("2026-12-07T11:50:00Z", Refusal::InBreak),
        ("2026-12-07T10:40:00Z", Refusal::OffGrid),
        ("2026-12-07T14:00:00Z", Refusal::OutsideHours),
    ] {
        assert_eq!(
            with_break().judge(plain(50), at(start), now),
            Err(refusal),
            "{start}"
        );
    }
}

#[test]
fn a_day_of_its_own_replaces_the_weeks_hours_and_breaks() {
    let mut calendar = with_break();
    let other = |opens, closes| Special::Hours(vec![Stretch { opens, closes }]);
    set(&mut calendar, "2026-12-07", other(600, 780));
    set(&mut calendar, "2026-12-08", other(480, 540));
    set(&mut calendar, "2026-12-14", Special::Closed);
    set(
        &mut calendar,
        "2026-12-21",
        Special::Holiday("Solstice".to_owned()),
    );
    let month = span("2026-12-07T00:00:00Z", "2026-12-29T00:00:00Z");
    assert_eq!(
        starts(&calendar, plain(60), month),
        [
            "07 10:00", "07 11:00", "07 12:00", "08 08:00", "28 09:00", "28 10:00", "28 12:00",
            "28 13:00",
        ]
    );
    let judged = calendar.judge(plain(60), at("2026-12-14T09:00:00Z"), month.from);
    assert_eq!(judged, Err(Refusal::OutsideHours));
}

#[test]
fn a_day_of_its_own_takes_part_in_an_overnight_shift() {
    let mut calendar = daily("UTC", 22, 24);
    let morning = Special::Hours(vec![Stretch {
        opens: 0,
        closes: 120,
    }]);
    set(&mut calendar, "2026-12-08", morning);
    let nights = span("2026-12-07T12:00:00Z", "2026-12-09T12:00:00Z");
    assert_eq!(
        starts(&calendar, plain(90), nights),
        ["07 22:00", "07 23:30"]
    );
}

#[test]
fn hours_that_touch_are_one_opening() {
    let week = Week::new(vec![hours(1, 540, 600), hours(1, 600, 660)], Vec::new());
    let calendar = calendar("UTC", week.unwrap());
    let monday = span("2026-12-07T00:00:00Z", "2026-12-08T00:00:00Z");
    assert_eq!(
        starts(&calendar, plain(40), monday),
        ["07 09:00", "07 09:40", "07 10:20"]
    );
    assert_eq!(starts(&calendar, plain(120), monday), ["07 09:00"]);
}

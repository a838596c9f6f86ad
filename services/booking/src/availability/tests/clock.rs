//! Days on which the clocks change, and zones that are not whole hours.

use super::{calendar, daily, day, hours, minutes, plain, span};
use crate::availability::{Calendar, Span, week::Week};

const CASABLANCA: &str = "Africa/Casablanca";
const KOLKATA: &str = "Asia/Kolkata";
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

/// Zone, date, and when nine and one o'clock are in UTC: the day before each change, the day of it and
/// the day after.
#[rustfmt::skip]
const NINE_AND_ONE: [(&str, &str, &str, &str); 34] = [
    (NEW_YORK, "2026-03-07", "14:00Z", "18:00Z"),
    (NEW_YORK, "2026-03-08", "13:00Z", "17:00Z"),
    (NEW_YORK, "2026-03-09", "13:00Z", "17:00Z"),
    (NEW_YORK, "2026-10-31", "13:00Z", "17:00Z"),
    (NEW_YORK, "2026-11-01", "14:00Z", "18:00Z"),
    (NEW_YORK, "2026-11-02", "14:00Z", "18:00Z"),
    (LONDON, "2026-03-28", "09:00Z", "13:00Z"),
    (LONDON, "2026-03-29", "08:00Z", "12:00Z"),
    (LONDON, "2026-03-30", "08:00Z", "12:00Z"),
    (LONDON, "2026-10-24", "08:00Z", "12:00Z"),
    (LONDON, "2026-10-25", "09:00Z", "13:00Z"),
    (LONDON, "2026-10-26", "09:00Z", "13:00Z"),
    (LORD_HOWE, "2026-04-04", "22:00Z", "02:00Z"),
    (LORD_HOWE, "2026-04-05", "22:30Z", "02:30Z"),
    (LORD_HOWE, "2026-04-06", "22:30Z", "02:30Z"),
    (LORD_HOWE, "2026-10-03", "22:30Z", "02:30Z"),
    (LORD_HOWE, "2026-10-04", "22:00Z", "02:00Z"),
    (LORD_HOWE, "2026-10-05", "22:00Z", "02:00Z"),
    // its last summer began and ended at midnight
    (SAO_PAULO, "2018-11-03", "12:00Z", "16:00Z"),
    (SAO_PAULO, "2018-11-04", "11:00Z", "15:00Z"),
    (SAO_PAULO, "2018-11-05", "11:00Z", "15:00Z"),
    (SAO_PAULO, "2019-02-16", "11:00Z", "15:00Z"),
    (SAO_PAULO, "2019-02-17", "12:00Z", "16:00Z"),
    (SAO_PAULO, "2019-02-18", "12:00Z", "16:00Z"),
    (SAO_PAULO, "2019-11-03", "12:00Z", "16:00Z"),
    // the month of fasting is an hour behind
    (CASABLANCA, "2026-02-14", "08:00Z", "12:00Z"),
    (CASABLANCA, "2026-02-15", "09:00Z", "13:00Z"),
    (CASABLANCA, "2026-02-16", "09:00Z", "13:00Z"),
    (CASABLANCA, "2026-03-21", "09:00Z", "13:00Z"),
    (CASABLANCA, "2026-03-22", "08:00Z", "12:00Z"),
    (CASABLANCA, "2026-03-23", "08:00Z", "12:00Z"),
    (KOLKATA, "2026-03-08", "03:30Z", "07:30Z"),
    (KOLKATA, "2026-11-01", "03:30Z", "07:30Z"),
    (KOLKATA, "2026-12-31", "03:30Z", "07:30Z"),
];

#[test]
fn a_day_has_the_slots_its_clocks_show() {
    for (zone, (opens, closes), visit, date, slots) in DAYS {
        let found = day(&daily(zone, opens, closes), plain(visit), date).join(",");
        assert_eq!(found, slots, "{zone} {opens}-{closes} {date}");
    }
}

#[test]
fn trap_06_nine_and_one_o_clock_hold_on_both_sides_of_every_change() {
    for (zone, date, nine, one) in NINE_AND_ONE {
        let week = (1..=7).flat_map(|day| [hours(day, 540, 600), hours(day, 780, 840)]);
        let calendar = calendar(zone, Week::new(week.collect(), Vec::new()).unwrap());
        let found = day(&calendar, plain(60), date);
        assert_eq!(
            found,
            [format!("09:00 {nine}"), format!("13:00 {one}")],
            "{zone} {date}"
        );
    }
}

#[test]
fn a_day_around_the_clock_has_the_hours_it_really_has() {
    for (zone, date, visit, count) in [
        (NEW_YORK, "2026-03-08", 60, 23),
        (NEW_YORK, "2026-06-01", 60, 24),
        (NEW_YORK, "2026-11-01", 60, 25),
        (LONDON, "2026-03-29", 60, 23),
        (LONDON, "2026-10-25", 60, 25),
        (LORD_HOWE, "2026-04-05", 30, 49),
        (LORD_HOWE, "2026-10-04", 30, 47),
        (SAO_PAULO, "2018-11-04", 60, 23),
        (SAO_PAULO, "2019-02-16", 60, 25),
        (CASABLANCA, "2026-02-15", 60, 25),
        (CASABLANCA, "2026-03-22", 60, 23),
        (KOLKATA, "2026-03-08", 30, 48),
    ] {
        let found = day(&daily(zone, 0, 24), plain(visit), date);
        assert_eq!(found.len(), count, "{zone} {date}: {found:?}");
    }
}

/// Saturday evening and Sunday morning as one shift.
fn night_shift(zone: &str) -> Calendar {
    let night = vec![hours(6, 22 * 60, 24 * 60), hours(7, 0, 6 * 60)];
    calendar(zone, Week::new(night, Vec::new()).unwrap())
}

fn night(calendar: &Calendar, visit: i64, evening: &str) -> Vec<String> {
    let evening: jiff::civil::Date = evening.parse().unwrap();
    let from = calendar.zone.to_timestamp(evening.at(12, 0, 0, 0)).unwrap();
    let night = Span {
        from,
        to: from + minutes(24 * 60),
    };
    let slots = calendar.slots(plain(visit), night, from - minutes(60));
    slots
        .map(|start| {
            calendar
                .zone
                .to_datetime(start)
                .strftime("%H:%M")
                .to_string()
        })
        .collect()
}

#[test]
fn trap_08_an_overnight_shift_is_one_opening_in_any_zone() {
    for (zone, visit, evening, starts) in [
        (KOLKATA, 90, "2026-12-05", "22:00,23:30,01:00,02:30,04:00"),
        (KOLKATA, 120, "2026-12-05", "22:00,00:00,02:00,04:00"),
        (KOLKATA, 480, "2026-12-05", "22:00"),
        (NEW_YORK, 90, "2026-12-05", "22:00,23:30,01:00,02:30,04:00"),
        // seven hours, and nine
        (
            NEW_YORK,
            60,
            "2026-03-07",
            "22:00,23:00,00:00,01:00,03:00,04:00,05:00",
        ),
        (
            NEW_YORK,
            60,
            "2026-10-31",
            "22:00,23:00,00:00,01:00,01:00,02:00,03:00,04:00,05:00",
        ),
        (NEW_YORK, 480, "2026-03-07", ""),
        // midnight itself is skipped, or the hour before it comes twice
        (
            SAO_PAULO,
            60,
            "2018-11-03",
            "22:00,23:00,01:00,02:00,03:00,04:00,05:00",
        ),
        (
            SAO_PAULO,
            60,
            "2019-02-16",
            "22:00,23:00,23:00,00:00,01:00,02:00,03:00,04:00,05:00",
        ),
    ] {
        let found = night(&night_shift(zone), visit, evening).join(",");
        assert_eq!(found, starts, "{zone} {visit} {evening}");
    }
}

#[test]
fn trap_08_a_visit_may_last_across_midnight_where_both_days_are_open() {
    let across = crate::availability::tests::at("2026-12-05T23:45:00Z");
    let now = across - minutes(60 * 24);
    let mut open = daily("UTC", 0, 24);
    open.rules.step = Some(minutes(15));
    assert_eq!(open.judge(plain(30), across, now), Ok(()));
    let mut evening_only = daily("UTC", 12, 24);
    evening_only.rules.step = Some(minutes(15));
    assert!(evening_only.judge(plain(30), across, now).is_err());
    assert_eq!(evening_only.judge(plain(15), across, now), Ok(()));
}

#[test]
fn trap_08_a_block_of_three_days_leaves_the_days_around_it() {
    let mut calendar = daily(KOLKATA, 9, 11);
    // From noon of the first to noon of the fourth in Kolkata.
    let away = span("2026-12-08T06:30:00Z", "2026-12-11T06:30:00Z");
    calendar.blocked = crate::availability::spans::Spans::new(vec![away]);
    let week = span("2026-12-07T18:30:00Z", "2026-12-12T18:30:00Z");
    assert_eq!(
        super::starts(&calendar, plain(60), week),
        ["08 09:00", "08 10:00", "12 09:00", "12 10:00"]
    );
    let start = away.from + minutes(21 * 60);
    assert_eq!(
        calendar.judge(plain(60), start, week.from - minutes(1)),
        Err(crate::availability::Refusal::Blocked)
    );
}

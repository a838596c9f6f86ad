//! What is listed and what is accepted are the same, in any zone and beside any bookings.

use jiff::Timestamp;
use proptest::prelude::*;

use super::{
    super::{Calendar, Length, Span},
    at, daily, minutes,
};

fn calendars() -> impl Strategy<Value = Calendar> {
    let zones = [
        "UTC",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
    ];
    let busy = proptest::collection::vec((0_i64..2 * 1440, 5_i64..180), 0..12);
    (
        proptest::sample::select(zones.to_vec()),
        0_i16..20,
        1_i16..5,
        busy,
    )
        .prop_map(|(zone, opens, length, busy)| {
            let mut calendar = daily(zone, opens, opens + length);
            let begin = at("2026-10-31T12:00:00Z");
            let mut spans: Vec<_> = busy
                .into_iter()
                .map(|(from, length)| Span {
                    from: begin + minutes(from),
                    to: begin + minutes(from + length),
                })
                .collect();
            spans.sort_by_key(|span| span.from);
            let mut end = Timestamp::MIN;
            spans.retain(|span| {
                let kept = span.from >= end;
                if kept {
                    end = span.to;
                }
                kept
            });
            calendar.busy = spans;
            calendar
        })
}

proptest! {
    #[test]
    fn what_is_offered_is_bookable_and_nothing_else_is(
        calendar in calendars(),
        visit in 1_i64..25,
        (before, after) in (0_i64..40, 0_i64..40),
    ) {
        let length = Length {
            visit: minutes(visit * 5),
            before: minutes(before),
            after: minutes(after),
        };
        let now = at("2026-10-31T20:00:00Z");
        let span = Span { from: at("2026-10-31T12:00:00Z"), to: at("2026-11-02T12:00:00Z") };
        let offered: Vec<_> = calendar.slots(length, span, now).collect();
        prop_assert!(offered.is_sorted());
        let mut start = span.from;
        while start < span.to {
            let judged = calendar.judge(length, start, now);
            prop_assert_eq!(judged.is_ok(), offered.contains(&start), "{} {:?}", start, judged);
            start += minutes(5);
        }
        for start in offered {
            let busy = length.busy_from(start);
            prop_assert!(calendar.busy.iter().all(|taken| !taken.overlaps(&busy)));
        }
    }
}

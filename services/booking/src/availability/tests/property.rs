//! What is listed and what is accepted are the same, whatever the week, the days and the bookings.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::civil::Date;
use proptest::{collection::vec, option, prelude::*, sample::select};
use voxanne_ids::RoomId;

use super::{
    super::{Calendar, Length, Room, Span, Special, rules::Rules, spans::Spans},
    at, calendar, minutes,
};
use crate::availability::week::{DAY, Hours, Stretch, Week, joined};

/// The night in which Europe and Morocco, or America and Lord Howe, may change their clocks lies within.
const BEGIN: &str = "2026-10-31T00:00:00Z";
const DAYS: i64 = 3;

/// Stretches that often begin or end at midnight.
fn stretches() -> impl Strategy<Value = Vec<Stretch>> {
    let edge = prop_oneof![3 => 0_i16..=DAY / 15, 1 => Just(0_i16), 1 => Just(DAY / 15)];
    vec((edge.clone(), edge), 0..3).prop_map(|pairs| {
        let stretches = pairs
            .into_iter()
            .filter(|(one, other)| one != other)
            .map(|(one, other)| Stretch {
                opens: one.min(other) * 15,
                closes: one.max(other) * 15,
            })
            .collect::<Vec<_>>();
        let first = stretches.first().copied();
        joined(stretches).unwrap_or_else(|| first.into_iter().collect())
    })
}

fn weeks() -> impl Strategy<Value = Week> {
    (vec(stretches(), 7), 0_i16..8).prop_map(|(days, pause)| {
        let of = |weekday: usize, stretch: Stretch| Hours {
            weekday: i8::try_from(weekday).unwrap() + 1,
            opens: stretch.opens,
            closes: stretch.closes,
        };
        let days: Vec<_> = days.into_iter().enumerate().collect();
        let hours: Vec<_> = days
            .iter()
            .flat_map(|(day, open)| open.iter().map(|one| of(*day, *one)))
            .collect();
        // A break in the first stretch of each day that is long enough.
        let breaks = days.iter().filter_map(|(day, open)| {
            let first = open.first()?;
            let from = first.opens + pause * 15;
            let pause = Stretch {
                opens: from,
                closes: from + 20,
            };
            (pause.closes <= first.closes).then(|| of(*day, pause))
        });
        Week::new(hours.clone(), breaks.collect()).unwrap()
    })
}

fn spans() -> impl Strategy<Value = Spans> {
    vec((0_i64..DAYS * 1440, 5_i64..240), 0..8).prop_map(|busy| {
        let begin = at(BEGIN);
        let span = |(from, length): (i64, i64)| Span {
            from: begin + minutes(from),
            to: begin + minutes(from + length),
        };
        Spans::new(busy.into_iter().map(span).collect())
    })
}

fn special() -> impl Strategy<Value = Option<Special>> {
    option::of(prop_oneof![
        Just(Special::Closed),
        Just(Special::Holiday("Day".to_owned())),
        stretches().prop_map(Special::Hours),
    ])
}

fn rules() -> impl Strategy<Value = Rules> {
    (
        option::of((1_i64..12).prop_map(|count| minutes(count * 5))),
        0_i64..2000,
        1_i32..5,
        option::of(1_u32..3),
    )
        .prop_map(|(step, notice, horizon, daily_limit)| Rules {
            step,
            notice: minutes(notice),
            horizon,
            daily_limit,
        })
}

fn calendars() -> impl Strategy<Value = Calendar> {
    let zones = [
        "UTC",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "America/Sao_Paulo",
    ];
    (
        (select(zones.to_vec()), weeks(), vec(special(), 6)),
        (spans(), spans(), option::of(vec(spans(), 0..3))),
        (rules(), vec(0_u32..3, 6)),
    )
        .prop_map(
            |((zone, week, special), (busy, blocked, rooms), (rules, visits))| {
                let date = |place: usize| -> Date {
                    let first: Date = "2026-10-30".parse().unwrap();
                    first + jiff::Span::new().days(i64::try_from(place).unwrap())
                };
                let days = special.into_iter().enumerate();
                let special: BTreeMap<_, _> = days
                    .filter_map(|(place, special)| Some((date(place), special?)))
                    .collect();
                let room = |busy| Room {
                    id: RoomId::new(),
                    busy,
                };
                let visits: HashMap<_, _> = visits
                    .into_iter()
                    .enumerate()
                    .map(|(place, count)| (date(place), count))
                    .collect();
                Calendar {
                    special: Arc::new(special),
                    busy,
                    blocked,
                    rooms: rooms.map(|rooms| rooms.into_iter().map(room).collect()),
                    rules,
                    visits,
                    ..calendar(zone, week)
                }
            },
        )
}

fn lengths() -> impl Strategy<Value = Length> {
    (1_i64..40, 0_i64..40, 0_i64..40).prop_map(|(visit, before, after)| Length {
        visit: minutes(visit * 5),
        before: minutes(before),
        after: minutes(after),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn trap_05_what_is_offered_is_bookable_and_nothing_else_is(
        calendar in calendars(),
        length in lengths(),
    ) {
        let now = at(BEGIN) + minutes(150);
        let span = Span { from: at(BEGIN), to: at(BEGIN) + minutes(DAYS * 1440) };
        let offered: Vec<_> = calendar.slots(length, span, now).collect();
        prop_assert!(offered.is_sorted_by(|one, next| one < next));
        // Every start that hours allow lies on a whole minute.
        let listed: BTreeSet<_> = offered.iter().copied().collect();
        let mut start = span.from;
        while start < span.to {
            let judged = calendar.judge(length, start, now);
            prop_assert_eq!(judged.is_ok(), listed.contains(&start), "{} {:?}", start, judged);
            start += minutes(1);
        }
        prop_assert!(listed.iter().all(|start| start.as_second() % 60 == 0));
    }

    #[test]
    fn an_offered_visit_takes_nothing_from_anybody(
        calendar in calendars(),
        length in lengths(),
    ) {
        let now = at(BEGIN);
        let span = Span { from: now, to: now + minutes(DAYS * 1440) };
        for start in calendar.slots(length, span, now) {
            let wanted = length.busy_from(start);
            prop_assert!(!calendar.busy.overlap(&wanted) && !calendar.blocked.overlap(&wanted));
            prop_assert!(start > now && start >= now + calendar.rules.notice);
            if let Some(mut rooms) = calendar.free_rooms(length, start) {
                prop_assert!(rooms.next().is_some());
            }
        }
    }

    #[test]
    fn the_window_that_is_asked_for_changes_no_slot(
        calendar in calendars(),
        length in lengths(),
        cut in 0_i64..DAYS * 1440,
    ) {
        let now = at(BEGIN);
        let (middle, end) = (now + minutes(cut), now + minutes(DAYS * 1440));
        let whole: Vec<_> = calendar.slots(length, Span { from: now, to: end }, now).collect();
        let mut parts: Vec<_> =
            calendar.slots(length, Span { from: now, to: middle }, now).collect();
        parts.extend(calendar.slots(length, Span { from: middle, to: end }, now));
        prop_assert_eq!(whole, parts);
    }
}

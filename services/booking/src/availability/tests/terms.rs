//! What a service asks for beyond a free time.

use std::sync::Arc;

use voxanne_ids::RoomId;

use super::{at, daily, minutes, plain, span, starts};
use crate::availability::{Calendar, Refusal, Room, spans::Spans};

#[test]
fn trap_27_notice_is_elapsed_time_and_the_horizon_is_civil_days() {
    // The clocks of New York go forward in the night between.
    let now = at("2026-03-07T20:00:00-05:00");
    let mut calendar = daily("America/New_York", 0, 24);
    calendar.rules.notice = minutes(24 * 60);
    for (start, judged) in [
        ("2026-03-08T20:00:00-04:00", Err(Refusal::NoticeTooShort)),
        ("2026-03-08T21:00:00-04:00", Ok(())),
        ("2026-03-07T20:00:00-05:00", Err(Refusal::InPast)),
    ] {
        assert_eq!(calendar.judge(plain(60), at(start), now), judged, "{start}");
    }
    // Half past eleven in the evening is the next day in UTC.
    let now = at("2026-03-07T23:30:00-05:00");
    let mut calendar = daily("America/New_York", 0, 24);
    calendar.rules.horizon = 1;
    for (start, judged) in [
        ("2026-03-08T00:00:00-05:00", Ok(())),
        ("2026-03-08T23:00:00-04:00", Ok(())),
        ("2026-03-09T00:00:00-04:00", Err(Refusal::TooFar)),
    ] {
        assert_eq!(calendar.judge(plain(60), at(start), now), judged, "{start}");
    }
    let days = span("2026-03-07T00:00:00Z", "2026-03-20T00:00:00Z");
    assert_eq!(calendar.slots(plain(60), days, now).count(), 23);
}

#[test]
fn a_step_divides_an_opening_into_more_starts_than_visits() {
    let mut calendar = daily("UTC", 9, 10);
    calendar.rules.step = Some(minutes(15));
    let day = span("2026-12-07T00:00:00Z", "2026-12-08T00:00:00Z");
    assert_eq!(
        starts(&calendar, plain(30), day),
        ["07 09:00", "07 09:15", "07 09:30"]
    );
    let judged = calendar.judge(plain(30), at("2026-12-07T09:45:00Z"), day.from);
    assert_eq!(
        judged,
        Err(Refusal::OffGrid),
        "it would last beyond closing time"
    );
}

#[test]
fn a_day_takes_as_many_visits_as_its_limit_says() {
    let mut calendar = daily("America/New_York", 20, 24);
    calendar.rules.daily_limit = Some(2);
    calendar.visits = [("2026-12-07", 2), ("2026-12-08", 1)]
        .map(|(date, count)| (date.parse().unwrap(), count))
        .into();
    // Nine in the evening of the seventh in New York is the eighth in UTC.
    let now = at("2026-12-01T00:00:00Z");
    let judge = |start| calendar.judge(plain(60), at(start), now);
    assert_eq!(judge("2026-12-07T21:00:00-05:00"), Err(Refusal::DailyLimit));
    assert_eq!(judge("2026-12-08T21:00:00-05:00"), Ok(()));
    let two_days = span("2026-12-07T05:00:00Z", "2026-12-09T05:00:00Z");
    assert_eq!(calendar.slots(plain(60), two_days, now).count(), 4);
}

fn with_rooms(busy: &[&[(&str, &str)]]) -> Calendar {
    let room = |busy: &&[(&str, &str)]| Room {
        id: RoomId::new(),
        busy: Spans::new(busy.iter().map(|(from, to)| span(from, to)).collect()),
    };
    let mut calendar = daily("UTC", 9, 12);
    calendar.rooms = Some(busy.iter().map(room).collect::<Vec<_>>().into());
    calendar
}

#[test]
fn a_start_is_free_when_some_room_is() {
    let (nine, ten) = ("2026-12-07T09:00:00Z", "2026-12-07T10:00:00Z");
    let (eleven, noon) = ("2026-12-07T11:00:00Z", "2026-12-07T12:00:00Z");
    let day = span("2026-12-07T00:00:00Z", "2026-12-08T00:00:00Z");
    for (rooms, free) in [
        (vec![], vec![]),
        (vec![&[][..]], vec!["07 09:00", "07 10:00", "07 11:00"]),
        (vec![&[(nine, eleven)][..]], vec!["07 11:00"]),
        (
            vec![&[(nine, ten)][..], &[(ten, noon)][..]],
            vec!["07 09:00", "07 10:00", "07 11:00"],
        ),
        (
            vec![&[(nine, eleven)][..], &[(ten, noon)][..]],
            vec!["07 09:00", "07 11:00"],
        ),
    ] {
        let calendar = with_rooms(&rooms);
        assert_eq!(starts(&calendar, plain(60), day), free, "{rooms:?}");
        let judged = calendar.judge(plain(60), at(ten), day.from);
        let listed = free.contains(&"07 10:00");
        assert_eq!(
            judged,
            if listed { Ok(()) } else { Err(Refusal::NoRoom) },
            "{rooms:?}"
        );
    }
}

#[test]
fn the_buffers_of_a_visit_keep_its_room_too() {
    let calendar = with_rooms(&[&[("2026-12-07T10:00:00Z", "2026-12-07T10:30:00Z")]]);
    let length = crate::availability::Length {
        after: minutes(15),
        ..plain(30)
    };
    let free = calendar
        .free_rooms(length, at("2026-12-07T09:30:00Z"))
        .unwrap();
    assert_eq!(free.count(), 0);
    let free = calendar
        .free_rooms(length, at("2026-12-07T09:15:00Z"))
        .unwrap();
    assert_eq!(free.count(), 1);
    assert!(Arc::strong_count(calendar.rooms.as_ref().unwrap()) == 1);
}

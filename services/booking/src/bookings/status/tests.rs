use proptest::prelude::*;

use super::*;

const ALL: [Status; 7] = [
    Status::Requested,
    Status::Booked,
    Status::Confirmed,
    Status::Arrived,
    Status::Completed,
    Status::NoShow,
    Status::Cancelled,
];
const WISHES: [Wish; 7] = [
    Wish::Approve,
    Wish::Decline,
    Wish::Confirm,
    Wish::Cancel,
    Wish::Arrive,
    Wish::Complete,
    Wish::NoShow,
];

fn standing(status: Status) -> Standing {
    let from = "2026-12-02T10:00:00Z".parse().unwrap();
    Standing {
        status,
        version: 3,
        visit: Span {
            from,
            to: from + SignedDuration::from_mins(30),
        },
        notice: SignedDuration::from_hours(24),
    }
}

fn staff(hours_before: i64) -> Asker {
    let visit = standing(Status::Booked).visit;
    Asker {
        seen: None,
        is_patient: false,
        now: visit.from - SignedDuration::from_hours(hours_before),
    }
}

/// A row for each status, a column for each wish: what follows, `=` for nothing, `-` for never.
#[test]
fn every_status_answers_every_wish() {
    let table = "
        requested  booked  cancelled -         cancelled -       -         -
        booked     =       -         confirmed cancelled arrived completed no_show
        confirmed  =       -         =         cancelled arrived completed no_show
        arrived    =       -         =         cancelled =       completed -
        completed  =       -         =         -         =       =         -
        no_show    -       -         -         -         -       -         =
        cancelled  -       =         -         =         -       -         -";
    let rows: Vec<Vec<_>> = table
        .lines()
        .skip(1)
        .map(|row| row.split_whitespace().collect())
        .collect();
    assert_eq!(rows.len(), ALL.len());
    for (row, status) in rows.iter().zip(ALL) {
        assert_eq!(row[0], status.as_str());
        for (wanted, wish) in row[1..].iter().zip(WISHES) {
            let becomes = match status.after(wish) {
                Next::To(status) => status.as_str(),
                Next::Done => "=",
                Next::Never => "-",
            };
            assert_eq!(becomes, *wanted, "{status:?} {wish:?}");
        }
    }
}

#[test]
fn what_is_over_blocks_nobody_and_stays_over() {
    for status in ALL {
        let over = matches!(status, Status::NoShow | Status::Cancelled);
        assert_eq!(status.blocks(), !over, "{status:?}");
        for wish in WISHES {
            let again = matches!(status.after(wish), Next::To(next) if next.blocks());
            assert!(!(over && again), "{status:?} {wish:?} would block again");
        }
    }
}

#[test]
fn a_stale_version_is_refused_before_anything_else() {
    for (status, wish) in [
        (Status::Booked, Wish::Confirm),
        (Status::Cancelled, Wish::Arrive),
    ] {
        let asker = Asker {
            seen: Some(2),
            ..staff(1)
        };
        let refused = standing(status).decide(wish, asker);
        assert!(matches!(refused, Err(Error::StaleVersion)));
        assert!(matches!(
            standing(status).check_move(asker),
            Err(Error::StaleVersion)
        ));
    }
}

#[test]
fn a_patient_is_held_to_the_notice_and_staff_are_not() {
    let patient = |hours| Asker {
        is_patient: true,
        ..staff(hours)
    };
    for (asker, kept) in [
        (patient(24), true),
        (patient(23), false),
        (staff(23), true),
        (staff(1), true),
    ] {
        let standing = standing(Status::Confirmed);
        assert_eq!(standing.decide(Wish::Cancel, asker).is_ok(), kept);
        assert_eq!(standing.check_move(asker).is_ok(), kept);
    }
}

#[test]
fn time_decides_what_a_day_allows() {
    for (wish, hours_before, allowed) in [
        (Wish::Cancel, 1, true),
        (Wish::Cancel, 0, false),
        (Wish::Arrive, 13, false),
        (Wish::Arrive, 12, true),
        (Wish::Arrive, -1, true),
        (Wish::Complete, 1, false),
        (Wish::Complete, 0, true),
        (Wish::NoShow, 1, false),
        (Wish::NoShow, 0, true),
    ] {
        let decided = standing(Status::Booked).decide(wish, staff(hours_before));
        assert_eq!(decided.is_ok(), allowed, "{wish:?} {hours_before} h before");
    }
    let left = standing(Status::Arrived).decide(Wish::Cancel, staff(-1));
    assert_eq!(left.unwrap(), Some(Status::Cancelled));
}

proptest! {
    /// Whatever is asked in whatever order, what blocked nobody never blocks again.
    #[test]
    fn freed_time_stays_free(wishes in proptest::collection::vec(0_usize..7, 0..12)) {
        let (mut status, mut freed) = (Status::Requested, false);
        for wish in wishes {
            if let Next::To(next) = status.after(WISHES[wish]) {
                status = next;
            }
            freed |= !status.blocks();
            prop_assert!(!(freed && status.blocks()));
        }
    }
}

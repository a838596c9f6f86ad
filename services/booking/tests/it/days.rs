//! Breaks, exceptions, holidays and blocks, and what they leave of a day.

use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use crate::desk::{Clinic, Desk, bad_fields, proto_at};

const WEDNESDAY: (&str, &str) = ("2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z");
const THURSDAY: (&str, &str) = ("2026-12-03T00:00:00Z", "2026-12-04T00:00:00Z");

fn weekly(weekday: u32, opens: &str, closes: &str) -> proto::Hours {
    proto::Hours {
        weekday,
        opens: opens.into(),
        closes: closes.into(),
    }
}

fn stretch(opens: &str, closes: &str) -> proto::Stretch {
    proto::Stretch {
        opens: opens.into(),
        closes: closes.into(),
    }
}

fn day(date: &str, kind: &str) -> proto::CreateExceptionRequest {
    proto::CreateExceptionRequest {
        date: date.into(),
        kind: kind.into(),
        ..Default::default()
    }
}

async fn put(
    desk: &Desk,
    clinic: &Clinic,
    week: proto::PutScheduleRequest,
) -> Result<proto::Schedule, Problem> {
    let week = desk.ask(&clinic.tenant, week);
    let put = desk.clinics().put_schedule(week).await?;
    Ok(put.into_inner().schedule.unwrap())
}

#[tokio::test]
async fn a_break_is_kept_and_shown_and_cannot_be_booked() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let week = proto::PutScheduleRequest {
        provider_id: String::new(),
        hours: vec![weekly(3, "09:00", "12:00")],
        breaks: vec![weekly(3, "10:00", "11:00")],
    };
    let kept = put(&desk, &clinic, week.clone()).await.unwrap();
    assert_eq!((&kept.hours, &kept.breaks), (&week.hours, &week.breaks));
    let list = desk.ask(&clinic.tenant, proto::ListSchedulesRequest::default());
    let listed = desk.clinics().list_schedules(list).await.unwrap();
    assert_eq!(listed.into_inner().schedules, [kept]);
    let (starts, _) = desk.day(&clinic, WEDNESDAY).await;
    assert_eq!(
        starts,
        [
            "2026-12-02T09:00",
            "2026-12-02T09:30",
            "2026-12-02T11:00",
            "2026-12-02T11:30"
        ]
    );
    let booking = clinic.booking("2026-12-02T10:00:00Z", "+14155550123");
    let refused = desk.book(&clinic.tenant, booking).await.unwrap_err();
    assert_eq!(bad_fields(&refused), ["startsAt IN_BREAK"]);
}

#[tokio::test]
async fn hours_and_breaks_that_contradict_each_other_change_nothing() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let before = desk.day(&clinic, WEDNESDAY).await;
    let nine_to_twelve = || weekly(3, "09:00", "12:00");
    for (hours, breaks, wrong) in [
        (
            vec![nine_to_twelve(), weekly(3, "11:59", "13:00")],
            vec![],
            "hours OVERLAP",
        ),
        (
            vec![nine_to_twelve()],
            vec![weekly(3, "10:00", "10:31"), weekly(3, "10:30", "11:00")],
            "breaks OVERLAP",
        ),
        (
            vec![nine_to_twelve()],
            vec![weekly(3, "11:30", "12:30")],
            "breaks OUTSIDE_HOURS",
        ),
        (
            vec![nine_to_twelve()],
            vec![weekly(4, "10:00", "11:00")],
            "breaks OUTSIDE_HOURS",
        ),
        (
            vec![nine_to_twelve()],
            vec![weekly(3, "10:00", "10:00")],
            "breaks[0].closes ORDER",
        ),
        (
            vec![nine_to_twelve()],
            vec![nine_to_twelve(); 51],
            "breaks RANGE",
        ),
    ] {
        let week = proto::PutScheduleRequest {
            provider_id: String::new(),
            hours,
            breaks,
        };
        let refused = put(&desk, &clinic, week).await.unwrap_err();
        assert_eq!(bad_fields(&refused), [wrong]);
    }
    assert_eq!(desk.day(&clinic, WEDNESDAY).await, before);
}

#[tokio::test]
async fn a_providers_own_day_comes_before_the_clinics() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let holiday = proto::CreateExceptionRequest {
        name: "Founders' Day".into(),
        ..day("2026-12-02", "holiday")
    };
    desk.exception(&clinic.tenant, holiday).await.unwrap();
    let wanted = proto::FindSlotsRequest {
        explain: true,
        ..clinic.wanted(WEDNESDAY.0, WEDNESDAY.1)
    };
    let found = desk.slots(&clinic.tenant, wanted).await.unwrap();
    let told = &found.empty_days[0];
    assert_eq!((&*told.reason, &*told.name), ("HOLIDAY", "Founders' Day"));
    assert!(told.sentence.contains("Founders' Day"), "{}", told.sentence);
    let own = proto::CreateExceptionRequest {
        provider_id: clinic.provider.clone(),
        hours: vec![stretch("20:00", "21:00")],
        ..day("2026-12-02", "hours")
    };
    let own = desk.exception(&clinic.tenant, own).await.unwrap();
    let evening = ["2026-12-02T20:00", "2026-12-02T20:30"];
    assert_eq!(desk.day(&clinic, WEDNESDAY).await.0, evening);
    let booking = clinic.booking("2026-12-02T20:30:00Z", "+14155550123");
    desk.book(&clinic.tenant, booking).await.unwrap();
    let delete = proto::DeleteExceptionRequest { id: own.id };
    desk.days()
        .delete_exception(desk.ask(&clinic.tenant, delete))
        .await
        .unwrap();
    assert_eq!(desk.day(&clinic, WEDNESDAY).await.1, ["HOLIDAY"]);
    assert_eq!(desk.day(&clinic, THURSDAY).await.0.len(), 16);
}

#[tokio::test]
async fn a_day_has_one_exception_of_the_clinic_and_one_of_each_provider() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    for provider_id in ["", &clinic.provider] {
        let closed = proto::CreateExceptionRequest {
            provider_id: provider_id.to_owned(),
            ..day("2026-12-02", "closed")
        };
        desk.exception(&clinic.tenant, closed.clone())
            .await
            .unwrap();
        let again = desk.exception(&clinic.tenant, closed).await.unwrap_err();
        assert_eq!(again.reason, "EXCEPTION_EXISTS");
    }
    assert_eq!(desk.count("booking.day_exception").await, 2);
}

#[tokio::test]
async fn every_bad_field_of_an_exception_is_named_and_nothing_is_written() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let hours = |hours: &[(&str, &str)]| proto::CreateExceptionRequest {
        hours: hours.iter().map(|(from, to)| stretch(from, to)).collect(),
        ..day("2026-12-24", "hours")
    };
    for (new, wrong) in [
        (day("2026-02-31", "closed"), vec!["date DATE"]),
        (day("2027-02-29", "closed"), vec!["date DATE"]),
        (day("2026-12-24T10:00", "closed"), vec!["date DATE"]),
        (day("20261224", "closed"), vec!["date DATE"]),
        (day("-002026-12-24", "closed"), vec!["date DATE"]),
        (day("", "sometimes"), vec!["date DATE", "kind ONE_OF"]),
        (day("2026-12-24", "holiday"), vec!["name NAME"]),
        (hours(&[]), vec!["hours RANGE"]),
        (
            hours(&[("09:00", "12:00"), ("11:00", "13:00")]),
            vec!["hours OVERLAP"],
        ),
        (hours(&[("12:00", "12:00")]), vec!["hours[0].closes ORDER"]),
        (
            hours(&[("12:00", "09:00"), ("9", "25:00")]),
            vec![
                "hours[0].closes ORDER",
                "hours[1].opens TIME",
                "hours[1].closes TIME",
            ],
        ),
        (
            proto::CreateExceptionRequest {
                provider_id: clinic.provider.clone(),
                name: "Solstice".into(),
                hours: vec![stretch("09:00", "10:00")],
                ..day("2026-12-24", "holiday")
            },
            vec!["hours CONFLICT", "providerId CONFLICT"],
        ),
    ] {
        let told = format!("{new:?}");
        let refused = desk.exception(&clinic.tenant, new).await.unwrap_err();
        assert_eq!(bad_fields(&refused), wrong, "{told}");
    }
    assert_eq!(desk.count("booking.day_exception").await, 0);
    assert_eq!(desk.count("booking.exception_hours").await, 0);
}

#[tokio::test]
async fn trap_08_a_block_of_three_days_hides_every_slot_in_it_and_no_booking() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = clinic.booking("2026-12-02T10:00:00Z", "+14155550123");
    let booked = desk.book(&clinic.tenant, booking).await.unwrap();
    let away = proto::CreateBlockRequest {
        provider_id: clinic.provider.clone(),
        starts_at: proto_at("2026-12-01T12:00:00Z"),
        ends_at: proto_at("2026-12-04T12:00:00Z"),
        reason: "Conference".into(),
        ..Default::default()
    };
    let block = desk.block(&clinic.tenant, away).await.unwrap();
    let week = ("2026-12-01T08:00:00Z", "2026-12-05T00:00:00Z");
    let (starts, empty) = desk.day(&clinic, week).await;
    assert_eq!(empty, ["BLOCKED", "BLOCKED"]);
    assert_eq!(starts.len(), 6 + 10);
    assert_eq!(starts[5..7], ["2026-12-01T11:30", "2026-12-04T12:00"]);
    let inside = clinic.booking("2026-12-03T10:00:00Z", "+14155550124");
    let refused = desk.book(&clinic.tenant, inside).await.unwrap_err();
    assert_eq!(refused.reason, "SLOT_TAKEN");
    let alternatives = refused.extension.unwrap();
    assert!(
        alternatives.contains("2026-12-04T12:00:00Z"),
        "{alternatives}"
    );
    let get = desk.ask(&clinic.tenant, proto::GetBookingRequest { id: booked.id });
    let still = desk.bookings().get_booking(get).await.unwrap();
    assert_eq!(still.into_inner().booking.unwrap().status, "booked");
    let delete = proto::DeleteBlockRequest { id: block.id };
    let delete = || desk.ask(&clinic.tenant, delete.clone());
    desk.days().delete_block(delete()).await.unwrap();
    assert_eq!(desk.day(&clinic, THURSDAY).await.0.len(), 16);
    let again = desk.days().delete_block(delete()).await.unwrap_err();
    assert_eq!(Problem::from(again).reason, "BLOCK_NOT_FOUND");
}

#[tokio::test]
async fn every_bad_field_of_a_block_is_named_and_nothing_is_written() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let block = |from: &str, to: &str| proto::CreateBlockRequest {
        provider_id: clinic.provider.clone(),
        starts_at: proto_at(from),
        ends_at: proto_at(to),
        ..Default::default()
    };
    let noon = "2026-12-02T12:00:00Z";
    for (new, wrong) in [
        (
            proto::CreateBlockRequest::default(),
            vec![
                "providerId REQUIRED",
                "startsAt REQUIRED",
                "endsAt REQUIRED",
            ],
        ),
        (block(noon, noon), vec!["endsAt ORDER"]),
        (block(noon, "2026-12-01T12:00:00Z"), vec!["endsAt ORDER"]),
        (block(noon, "2028-01-06T12:00:00Z"), vec!["endsAt RANGE"]),
        (
            proto::CreateBlockRequest {
                room_id: "room_1".into(),
                reason: "x".repeat(201),
                ..block(noon, "2026-12-02T13:00:00Z")
            },
            vec!["roomId CONFLICT", "reason REASON"],
        ),
    ] {
        let refused = desk.block(&clinic.tenant, new).await.unwrap_err();
        assert_eq!(bad_fields(&refused), wrong);
    }
    assert_eq!(desk.count("booking.block").await, 0);
}

//! I2: a slot that is offered is bookable at once, on a clinic with everything that can take time away.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use voxanne_clock::to_proto;
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use crate::desk::{Clinic, Desk, at, proto_at};

const DAYS: (&str, &str) = ("2026-12-02T00:00:00Z", "2026-12-05T00:00:00Z");

/// Two providers, breaks, a short day, a closed one, blocks, two rooms and a limit.
async fn busy_clinic(desk: &Desk) -> Clinic {
    let clinic = desk.clinic(&two_orgs().0).await;
    let tenant = &clinic.tenant;
    let adams = desk.provider(tenant, "Dr. Adams").await;
    let hours = |opens: &str, closes: &str| proto::Hours {
        weekday: 3,
        opens: opens.into(),
        closes: closes.into(),
    };
    let week = proto::PutScheduleRequest {
        provider_id: adams.id.clone(),
        hours: vec![hours("08:00", "12:00"), hours("13:00", "15:00")],
        breaks: vec![hours("09:10", "09:40")],
    };
    desk.clinics()
        .put_schedule(desk.ask(tenant, week))
        .await
        .unwrap();
    let short = proto::CreateExceptionRequest {
        provider_id: clinic.provider.clone(),
        date: "2026-12-03".into(),
        kind: "hours".into(),
        hours: vec![proto::Stretch {
            opens: "10:00".into(),
            closes: "12:00".into(),
        }],
        ..Default::default()
    };
    desk.exception(tenant, short).await.unwrap();
    let closed = proto::CreateExceptionRequest {
        date: "2026-12-04".into(),
        kind: "closed".into(),
        ..Default::default()
    };
    desk.exception(tenant, closed).await.unwrap();
    for room in ["One", "Two"] {
        desk.room(tenant, room, "treatment").await;
    }
    let away = proto::CreateBlockRequest {
        provider_id: clinic.provider.clone(),
        starts_at: proto_at("2026-12-02T11:15:00Z"),
        ends_at: proto_at("2026-12-02T13:00:00Z"),
        ..Default::default()
    };
    desk.block(tenant, away).await.unwrap();
    let terms = proto::Terms {
        daily_limit: Some(5),
        step_minutes: Some(20),
        minimum_notice_minutes: Some(60),
        ..Default::default()
    };
    desk.terms(&clinic, terms).await;
    clinic
}

#[tokio::test]
async fn i2_every_slot_that_is_offered_is_bookable_until_none_is_left() {
    let desk = Desk::open().await;
    let clinic = busy_clinic(&desk).await;
    let wanted = clinic.wanted(DAYS.0, DAYS.1);
    let mut booked: BTreeMap<(String, String), u32> = BTreeMap::new();
    for turn in 0..100_usize {
        let found = desk.slots(&clinic.tenant, wanted.clone()).await.unwrap();
        // Now from the beginning, now from the middle, so that what is left is ragged.
        let Some(slot) = found
            .slots
            .get(turn * 7 % found.slots.len().max(1))
            .cloned()
        else {
            break;
        };
        let request = proto::CreateBookingRequest {
            slot_id: slot.slot_id,
            who: clinic
                .booking(DAYS.0, &format!("+1415555{:04}", 1000 + turn))
                .who,
            ..Default::default()
        };
        let booking = desk.book(&clinic.tenant, request).await;
        let booking = booking.unwrap_or_else(|problem| panic!("{}: {problem:?}", slot.local_time));
        assert_eq!(booking.starts_at, slot.starts_at);
        let (day, _) = slot.local_time.split_at(10);
        *booked
            .entry((slot.provider_name, day.to_owned()))
            .or_default() += 1;
    }
    assert!(booked.values().all(|count| *count <= 5), "{booked:?}");
    assert!(booked.values().sum::<u32>() >= 8, "{booked:?}");
    let (starts, empty) = desk.day(&clinic, DAYS).await;
    assert!(starts.is_empty(), "{starts:?}");
    assert_eq!((empty.len(), &*empty[2]), (3, "CLOSED"));
}

/// What is offered is what is there, whichever stretch of time is asked for: a booking reads only what
/// touches its own visit.
#[tokio::test]
async fn i9_the_same_rules_and_clock_give_the_same_slots_however_they_are_asked_for() {
    let desk = Desk::open().await;
    let clinic = busy_clinic(&desk).await;
    let long = desk
        .service(&clinic.tenant, "Root canal", (50, 25, 35))
        .await;
    // Beside every visit there is a start that its buffers just take, and one that they just leave.
    let often = proto::UpdateServiceRequest {
        id: long.clone(),
        terms: Some(proto::Terms {
            step_minutes: Some(5),
            ..Default::default()
        }),
        ..Default::default()
    };
    let often = desk.ask(&clinic.tenant, often);
    desk.clinics().update_service(often).await.unwrap();
    let wanted = |from: Timestamp, to: Timestamp| proto::FindSlotsRequest {
        service_id: long.clone(),
        from: Some(to_proto(from)),
        to: Some(to_proto(to)),
        ..Default::default()
    };
    let (first, last) = (at(DAYS.0), at(DAYS.1));
    for (number, turn) in [20_usize, 0].into_iter().enumerate() {
        let found = desk.slots(&clinic.tenant, wanted(first, last)).await;
        let slot = found.unwrap().slots[turn].clone();
        let request = proto::CreateBookingRequest {
            slot_id: slot.slot_id,
            who: clinic
                .booking(DAYS.0, &format!("+141555501{number:02}"))
                .who,
            ..Default::default()
        };
        desk.book(&clinic.tenant, request).await.unwrap();
    }
    let whole = desk.slots(&clinic.tenant, wanted(first, last)).await;
    let whole = whole.unwrap().slots;
    assert!(whole.len() > 10, "{whole:?}");
    let again = desk.slots(&clinic.tenant, wanted(first, last)).await;
    assert_eq!(again.unwrap().slots, whole);
    let (mut parts, mut from) = (Vec::new(), first);
    while from < last {
        let to = from + SignedDuration::from_mins(40);
        let part = desk.slots(&clinic.tenant, wanted(from, to)).await;
        parts.extend(part.unwrap().slots);
        from = to;
    }
    assert_eq!(parts, whole);
}

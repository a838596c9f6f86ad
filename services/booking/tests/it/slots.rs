//! Finding slots.

use std::collections::HashSet;

use voxanne_problem::Kind;
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use crate::desk::{Desk, TEN, bad_fields, proto_at};

const PHONE: &str = "+14155550123";
const WEDNESDAY: (&str, &str) = ("2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z");

#[tokio::test]
async fn a_day_is_offered_in_order_and_without_what_is_taken() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let wanted = clinic.wanted(WEDNESDAY.0, WEDNESDAY.1);
    let found = desk.slots(&clinic.tenant, wanted.clone()).await.unwrap();
    assert_eq!(found.time_zone, "Europe/London");
    let starts: Vec<_> = found.slots.iter().map(|slot| &*slot.local_time).collect();
    assert_eq!(
        (starts.len(), starts[0], starts[15]),
        (16, "2026-12-02T09:00", "2026-12-02T16:30")
    );
    assert!(starts.is_sorted());
    desk.book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap();
    let found = desk.slots(&clinic.tenant, wanted).await.unwrap();
    assert_eq!(found.slots.len(), 15);
    assert!(
        found
            .slots
            .iter()
            .all(|slot| slot.starts_at != proto_at(TEN))
    );
}

#[tokio::test]
async fn every_slot_that_is_offered_is_bookable_at_once() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    desk.provider(&clinic.tenant, "Dr. Adams").await;
    let found = desk
        .slots(&clinic.tenant, clinic.wanted(WEDNESDAY.0, WEDNESDAY.1))
        .await
        .unwrap();
    assert_eq!(found.slots.len(), 32);
    let ids: HashSet<_> = found.slots.iter().map(|slot| &slot.slot_id).collect();
    assert_eq!(ids.len(), 32);
    for (number, slot) in found.slots.into_iter().enumerate() {
        let request = proto::CreateBookingRequest {
            slot_id: slot.slot_id,
            who: clinic.booking(TEN, &format!("+141555502{number:02}")).who,
            ..Default::default()
        };
        let booking = desk.book(&clinic.tenant, request).await.unwrap();
        assert_eq!(
            (booking.starts_at, booking.provider_id),
            (slot.starts_at, slot.provider_id)
        );
    }
    let found = desk
        .slots(&clinic.tenant, clinic.wanted(WEDNESDAY.0, WEDNESDAY.1))
        .await
        .unwrap();
    assert!(found.slots.is_empty());
}

#[tokio::test]
async fn a_change_of_the_clock_moves_the_slots_with_it() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    desk.clock.set("2027-03-25T00:00:00Z".parse().unwrap());
    let found = desk
        .slots(
            &clinic.tenant,
            clinic.wanted("2027-03-26T00:00:00Z", "2027-03-30T00:00:00Z"),
        )
        .await
        .unwrap();
    let first_of = |day: &str| {
        found
            .slots
            .iter()
            .find(|slot| slot.local_time.starts_with(day))
            .unwrap()
            .starts_at
    };
    assert_eq!(first_of("2027-03-26"), proto_at("2027-03-26T09:00:00Z"));
    assert_eq!(
        first_of("2027-03-29"),
        proto_at("2027-03-29T08:00:00Z"),
        "summer time"
    );
}

#[tokio::test]
async fn services_and_providers_are_found_by_what_a_caller_says() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    desk.provider(&clinic.tenant, "Dr. Adams").await;
    let named = |service: &str, provider: &str| proto::FindSlotsRequest {
        service_id: String::new(),
        service_name: service.into(),
        provider_name: provider.into(),
        ..clinic.wanted(WEDNESDAY.0, WEDNESDAY.1)
    };
    let found = desk
        .slots(&clinic.tenant, named("check", "LEE"))
        .await
        .unwrap();
    assert!(!found.slots.is_empty());
    assert!(
        found
            .slots
            .iter()
            .all(|slot| slot.provider_name == "Dr. Lee")
    );
    let found = desk.slots(&clinic.tenant, named("", "dr")).await.unwrap();
    assert!(
        found
            .slots
            .iter()
            .all(|slot| slot.provider_name == "Dr. Adams"),
        "the first by name"
    );
    for (service, provider, reason) in [
        ("surgery", "", "SERVICE_NOT_FOUND"),
        ("%", "", "SERVICE_NOT_FOUND"),
        ("", "who", "PROVIDER_NOT_FOUND"),
    ] {
        let problem = desk
            .slots(&clinic.tenant, named(service, provider))
            .await
            .unwrap_err();
        assert_eq!((problem.kind, &*problem.reason), (Kind::NotFound, reason));
        assert!(!problem.message.contains("Lee"), "{}", problem.message);
    }
}

#[tokio::test]
async fn an_empty_day_is_explained() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let wanted = proto::FindSlotsRequest {
        explain: true,
        ..clinic.wanted("2026-11-30T00:00:00Z", "2026-12-07T00:00:00Z")
    };
    let reasons = |found: proto::FindSlotsResponse| {
        let days = found.empty_days.into_iter();
        days.map(|day| format!("{} {}", day.date, day.reason))
            .collect::<Vec<_>>()
    };
    let found = desk.slots(&clinic.tenant, wanted.clone()).await.unwrap();
    assert_eq!(
        reasons(found),
        ["2026-11-30 PAST", "2026-12-05 CLOSED", "2026-12-06 CLOSED"]
    );
    let off = proto::UpdateProviderRequest {
        id: clinic.provider.clone(),
        active: Some(false),
        ..Default::default()
    };
    desk.clinics()
        .update_provider(desk.ask(&clinic.tenant, off))
        .await
        .unwrap();
    let found = reasons(desk.slots(&clinic.tenant, wanted).await.unwrap());
    assert_eq!((found.len(), &*found[0]), (7, "2026-11-30 NO_PROVIDER"));
}

#[tokio::test]
async fn a_limit_ends_the_list_and_a_bad_span_is_refused() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let wanted = clinic.wanted(WEDNESDAY.0, WEDNESDAY.1);
    let few = proto::FindSlotsRequest {
        limit: 3,
        ..wanted.clone()
    };
    assert_eq!(
        desk.slots(&clinic.tenant, few).await.unwrap().slots.len(),
        3
    );
    let bad = proto::FindSlotsRequest {
        limit: 501,
        service_id: "nonsense".into(),
        to: wanted.from,
        ..wanted.clone()
    };
    let problem = desk.slots(&clinic.tenant, bad).await.unwrap_err();
    assert_eq!(
        bad_fields(&problem),
        ["serviceId ID", "to RANGE", "limit RANGE"]
    );
    let long = proto::FindSlotsRequest {
        to: proto_at("2027-02-03T00:00:00Z"),
        ..wanted
    };
    let problem = desk.slots(&clinic.tenant, long).await.unwrap_err();
    assert_eq!(bad_fields(&problem), ["to RANGE"]);
    let none = desk
        .slots(&clinic.tenant, proto::FindSlotsRequest::default())
        .await
        .unwrap_err();
    assert_eq!(bad_fields(&none), ["from REQUIRED", "to REQUIRED"]);
}

#[tokio::test]
async fn a_provider_works_its_own_week_once_it_has_one() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let put = |provider_id: &str, hours: &[(u32, &str, &str)]| proto::PutScheduleRequest {
        provider_id: provider_id.into(),
        hours: hours
            .iter()
            .map(|(weekday, opens, closes)| proto::Hours {
                weekday: *weekday,
                opens: (*opens).into(),
                closes: (*closes).into(),
            })
            .collect(),
        breaks: Vec::new(),
    };
    let count = async || {
        let wanted = clinic.wanted(WEDNESDAY.0, WEDNESDAY.1);
        desk.slots(&clinic.tenant, wanted)
            .await
            .unwrap()
            .slots
            .len()
    };
    for (schedule, slots) in [
        (put("", &[(3, "10:00", "12:00")]), 4),
        (
            put(
                &clinic.provider,
                &[(3, "22:00", "24:00"), (3, "09:00", "10:00")],
            ),
            6,
        ),
        (put(&clinic.provider, &[]), 0),
    ] {
        desk.clinics()
            .put_schedule(desk.ask(&clinic.tenant, schedule))
            .await
            .unwrap();
        assert_eq!(count().await, slots);
    }
}

#[tokio::test]
async fn a_day_and_hours_are_those_of_the_clinics_wall() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    desk.provider(&clinic.tenant, "Dr. Adams").await;
    let afternoon = proto::FindSlotsRequest {
        date: "2026-12-02".to_owned(),
        from_hour: 12,
        to_hour: 17,
        each_time_once: true,
        limit: 3,
        ..clinic.wanted("2026-12-01T00:00:00Z", "2026-12-05T00:00:00Z")
    };
    let found = desk.slots(&clinic.tenant, afternoon.clone()).await.unwrap();
    let starts: Vec<_> = found.slots.iter().map(|slot| &*slot.local_time).collect();
    assert_eq!(
        starts,
        ["2026-12-02T12:00", "2026-12-02T12:30", "2026-12-02T13:00"]
    );
    let wrong = proto::FindSlotsRequest {
        date: "tomorrow".to_owned(),
        from_hour: 17,
        to_hour: 12,
        ..afternoon
    };
    let refused = desk.slots(&clinic.tenant, wrong).await.unwrap_err();
    assert_eq!(bad_fields(&refused), ["date DATE", "toHour RANGE"]);
}

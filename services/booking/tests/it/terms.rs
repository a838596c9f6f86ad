//! On what terms services are booked.

use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use crate::desk::{Desk, TEN, bad_fields};

const WEDNESDAY: (&str, &str) = ("2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z");

#[tokio::test]
async fn a_service_keeps_its_terms_until_they_are_changed_or_taken_away() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let usual = proto::Terms {
        providers: Some(proto::ProviderIds::default()),
        approval: Some("instant".into()),
        minimum_notice_minutes: Some(0),
        change_notice_minutes: Some(0),
        horizon_days: Some(400),
        patients: Some("anyone".into()),
        ..Default::default()
    };
    let all = proto::Terms {
        price: Some(proto::Price {
            minor: 12_500,
            currency: "USD".into(),
        }),
        providers: Some(proto::ProviderIds {
            ids: vec![clinic.provider.clone()],
        }),
        location_id: Some(clinic.location.clone()),
        room_kind: Some("x-ray".into()),
        approval: Some("approval".into()),
        minimum_notice_minutes: Some(90),
        horizon_days: Some(30),
        daily_limit: Some(4),
        patients: Some("returning".into()),
        step_minutes: Some(10),
        change_notice_minutes: Some(1_440),
    };
    let none = proto::Terms {
        price: Some(proto::Price::default()),
        location_id: Some(String::new()),
        room_kind: Some(String::new()),
        daily_limit: Some(0),
        step_minutes: Some(0),
        ..usual.clone()
    };
    let shown = async || {
        let id = clinic.service.clone();
        let get = desk.ask(&clinic.tenant, proto::GetServiceRequest { id });
        let service = desk.clinics().get_service(get).await.unwrap();
        service.into_inner().service.unwrap().terms.unwrap()
    };
    assert_eq!(shown().await, usual);
    desk.terms(&clinic, all.clone()).await;
    assert_eq!(shown().await, all);
    desk.terms(&clinic, proto::Terms::default()).await;
    assert_eq!(shown().await, all, "what is absent stays as it is");
    desk.terms(&clinic, none).await;
    assert_eq!(shown().await, usual);
}

#[tokio::test]
async fn only_who_offers_a_service_where_it_is_offered_is_offered() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let adams = desk.provider(&clinic.tenant, "Dr. Adams").await;
    let second = proto::CreateLocationRequest {
        name: "Second".into(),
        time_zone: "UTC".into(),
    };
    let second = desk.ask(&clinic.tenant, second);
    let second = desk.clinics().create_location(second).await.unwrap();
    let second = second.into_inner().location.unwrap().id;
    let offering = |ids: &[&String]| proto::Terms {
        providers: Some(proto::ProviderIds {
            ids: ids.iter().map(|id| (*id).clone()).collect(),
        }),
        ..Default::default()
    };
    let names = async || {
        let wanted = clinic.wanted(WEDNESDAY.0, WEDNESDAY.1);
        let found = desk.slots(&clinic.tenant, wanted).await.unwrap();
        let mut names: Vec<_> = found
            .slots
            .into_iter()
            .map(|slot| slot.provider_name)
            .collect();
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(names().await, ["Dr. Adams", "Dr. Lee"]);
    desk.terms(&clinic, offering(&[&adams.id])).await;
    assert_eq!(names().await, ["Dr. Adams"]);
    let booking = desk
        .book(&clinic.tenant, clinic.booking(TEN, "+14155550123"))
        .await;
    assert_eq!(
        booking.unwrap_err().reason,
        "PROVIDER_NOT_FOUND",
        "Dr. Lee does not"
    );
    desk.terms(&clinic, offering(&[])).await;
    assert_eq!(names().await, ["Dr. Adams", "Dr. Lee"]);
    let there = proto::Terms {
        location_id: Some(second),
        ..Default::default()
    };
    desk.terms(&clinic, there).await;
    assert_eq!(desk.day(&clinic, WEDNESDAY).await.1, ["NO_PROVIDER"]);
}

#[tokio::test]
async fn trap_27_notice_and_horizon_hold_for_listing_and_for_booking() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    // It is eight o'clock on the first of December.
    let terms = proto::Terms {
        minimum_notice_minutes: Some(26 * 60),
        horizon_days: Some(1),
        ..Default::default()
    };
    desk.terms(&clinic, terms).await;
    let days = ("2026-12-01T00:00:00Z", "2026-12-04T00:00:00Z");
    let (starts, empty) = desk.day(&clinic, days).await;
    assert_eq!(empty, ["SHORT_NOTICE", "BEYOND_HORIZON"]);
    assert_eq!((&*starts[0], starts.len()), ("2026-12-02T10:00", 14));
    for (start, wrong) in [
        ("2026-12-02T09:30:00Z", "startsAt TOO_SOON"),
        ("2026-12-03T09:00:00Z", "startsAt TOO_FAR"),
    ] {
        let booking = clinic.booking(start, "+14155550123");
        let refused = desk.book(&clinic.tenant, booking).await.unwrap_err();
        assert_eq!(bad_fields(&refused), [wrong]);
    }
    let booking = desk.book(&clinic.tenant, clinic.booking(TEN, "+14155550123"));
    booking.await.expect("exactly the notice that is asked for");
}

#[tokio::test]
async fn a_day_takes_no_more_visits_than_its_limit() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let terms = proto::Terms {
        daily_limit: Some(2),
        ..Default::default()
    };
    desk.terms(&clinic, terms).await;
    let at = |hour: u8| clinic.booking(&format!("2026-12-02T{hour:02}:00:00Z"), "+14155550123");
    let first = desk.book(&clinic.tenant, at(9)).await.unwrap();
    desk.book(&clinic.tenant, at(11)).await.unwrap();
    assert_eq!(desk.day(&clinic, WEDNESDAY).await.1, ["DAILY_LIMIT"]);
    let third = desk.book(&clinic.tenant, at(13)).await.unwrap_err();
    assert_eq!(third.reason, "SLOT_TAKEN");
    assert!(third.extension.unwrap().contains("2026-12-03T09:00:00Z"));
    desk.cancel(&clinic.tenant, &first.id).await.unwrap();
    desk.book(&clinic.tenant, at(13))
        .await
        .expect("there is room again");
}

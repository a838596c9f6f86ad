//! Locations, providers, services, hours and patients.

use voxanne_problem::{Kind, Problem};
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use crate::desk::{Desk, bad_fields};

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let changed = proto::UpdateLocationRequest {
        id: clinic.location.clone(),
        name: None,
        time_zone: Some("america/new_york".into()),
        active: None,
    };
    desk.clinics()
        .update_location(desk.ask(&clinic.tenant, changed))
        .await
        .unwrap();
    let get = proto::GetLocationRequest {
        id: clinic.location.clone(),
    };
    let location = desk
        .clinics()
        .get_location(desk.ask(&clinic.tenant, get))
        .await
        .unwrap();
    let location = location.into_inner().location.unwrap();
    assert_eq!(
        (&*location.name, &*location.time_zone),
        ("Main", "America/New_York")
    );
    let changed = proto::UpdateServiceRequest {
        id: clinic.service.clone(),
        duration_minutes: Some(45),
        ..Default::default()
    };
    let service = desk
        .clinics()
        .update_service(desk.ask(&clinic.tenant, changed))
        .await
        .unwrap();
    let service = service.into_inner().service.unwrap();
    assert_eq!(
        (&*service.name, service.duration_minutes, service.active),
        ("Check-up", 45, true)
    );
}

#[tokio::test]
async fn a_list_goes_on_where_its_cursor_points() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    for name in ["Dr. Adams", "Dr. Zhou"] {
        desk.provider(&clinic.tenant, name).await;
    }
    let mut names = Vec::new();
    let mut cursor = String::new();
    for _ in 0..2 {
        let page = proto::ListProvidersRequest { limit: 2, cursor };
        let answer = desk
            .clinics()
            .list_providers(desk.ask(&clinic.tenant, page))
            .await
            .unwrap();
        let answer = answer.into_inner();
        names.extend(answer.providers.into_iter().map(|one| one.name));
        cursor = answer.next_cursor;
    }
    assert_eq!(names, ["Dr. Lee", "Dr. Adams", "Dr. Zhou"]);
    assert_eq!(cursor, "");
}

#[tokio::test]
async fn a_patient_is_found_again_and_two_are_not_made_one() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let create = async |name: &str, email: &str| {
        let new = proto::CreatePatientRequest {
            name: name.into(),
            phone: "+14155550123".into(),
            email: email.into(),
            ..Default::default()
        };
        let answer = desk
            .clinics()
            .create_patient(desk.ask(&clinic.tenant, new))
            .await
            .unwrap();
        answer.into_inner().patient.unwrap()
    };
    let ada = create("Ada", "ada@clinic.example").await;
    let same = create("ADA", "").await;
    assert_eq!((&same.id, &*same.email), (&ada.id, "ada@clinic.example"));
    let bob = create("Bob", "").await;
    let change = proto::UpdatePatientRequest {
        id: bob.id,
        name: Some("ada".into()),
        ..Default::default()
    };
    let refused = desk
        .clinics()
        .update_patient(desk.ask(&clinic.tenant, change))
        .await;
    let problem = Problem::from(refused.unwrap_err());
    assert_eq!(
        (problem.kind, &*problem.reason),
        (Kind::Conflict, "PATIENT_EXISTS")
    );
    let change = proto::UpdatePatientRequest {
        id: ada.id,
        email: Some(String::new()),
        ..Default::default()
    };
    let answer = desk
        .clinics()
        .update_patient(desk.ask(&clinic.tenant, change))
        .await
        .unwrap();
    assert_eq!(answer.into_inner().patient.unwrap().email, "");
}

/// Terms of which nothing is acceptable.
fn wrong_terms() -> proto::Terms {
    proto::Terms {
        price: Some(proto::Price {
            minor: u64::MAX,
            currency: "usd".into(),
        }),
        providers: Some(proto::ProviderIds {
            ids: vec!["nobody".into()],
        }),
        location_id: Some("nowhere".into()),
        room_kind: Some("x".repeat(61)),
        approval: Some("perhaps".into()),
        minimum_notice_minutes: Some(86_401),
        horizon_days: Some(0),
        daily_limit: Some(501),
        patients: Some("everybody".into()),
        step_minutes: Some(4),
        change_notice_minutes: Some(20_161),
    }
}

#[tokio::test]
async fn every_bad_field_of_a_location_and_a_service_is_named() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let location = proto::CreateLocationRequest {
        name: " ".into(),
        time_zone: "Mars/Olympus".into(),
    };
    let refused = desk
        .clinics()
        .create_location(desk.ask(&clinic.tenant, location))
        .await;
    assert_eq!(
        bad_fields(&refused.unwrap_err().into()),
        ["name NAME", "timeZone TIME_ZONE"]
    );
    let service = proto::CreateServiceRequest {
        name: "x".repeat(121),
        duration_minutes: 4,
        buffer_before_minutes: 241,
        buffer_after_minutes: u32::MAX,
        terms: Some(wrong_terms()),
    };
    let refused = desk
        .clinics()
        .create_service(desk.ask(&clinic.tenant, service))
        .await;
    assert_eq!(
        bad_fields(&refused.unwrap_err().into()),
        [
            "name NAME",
            "durationMinutes RANGE",
            "bufferBeforeMinutes RANGE",
            "bufferAfterMinutes RANGE",
            "price.minor RANGE",
            "price.currency CURRENCY",
            "providerIds[0] ID",
            "locationId ID",
            "roomKind KIND",
            "approval ONE_OF",
            "minimumNoticeMinutes RANGE",
            "horizonDays RANGE",
            "dailyLimit RANGE",
            "patients ONE_OF",
            "stepMinutes RANGE",
            "changeNoticeMinutes RANGE",
        ]
    );
}

#[tokio::test]
async fn every_bad_hour_of_a_week_is_named() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let hours = |weekday, opens: &str, closes: &str| proto::Hours {
        weekday,
        opens: opens.into(),
        closes: closes.into(),
    };
    for (provider_id, hours, fields) in [
        (
            "nonsense",
            vec![hours(0, "9", "25:00"), hours(1, "10:00", "10:00")],
            vec![
                "providerId ID",
                "hours[0].weekday WEEKDAY",
                "hours[0].opens TIME",
                "hours[0].closes TIME",
                "hours[1].closes ORDER",
            ],
        ),
        (
            "",
            vec![hours(1, "09:00", "12:01"), hours(1, "12:00", "17:00")],
            vec!["hours OVERLAP"],
        ),
        (
            "",
            vec![hours(1, "09:00", "12:00"); 51],
            vec!["hours RANGE"],
        ),
    ] {
        let put = proto::PutScheduleRequest {
            provider_id: provider_id.into(),
            hours,
            breaks: Vec::new(),
        };
        let refused = desk
            .clinics()
            .put_schedule(desk.ask(&clinic.tenant, put))
            .await;
        assert_eq!(bad_fields(&refused.unwrap_err().into()), fields);
    }
}

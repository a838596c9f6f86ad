//! What can be deleted, and what visits that are to come keep.

use tonic::Status;
use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use crate::desk::{Clinic, Desk, TEN, at};

fn reason<T>(answer: Result<T, Status>) -> String {
    answer.map_or_else(
        |status| Problem::from(status).reason.into_owned(),
        |_deleted| "gone".to_owned(),
    )
}

/// Tries to delete everything the visits of a clinic need.
async fn delete(desk: &Desk, clinic: &Clinic) -> [String; 4] {
    let id = || clinic.provider.clone();
    let ask = |id| {
        desk.ask(
            &clinic.tenant,
            proto::DeleteScheduleRequest { provider_id: id },
        )
    };
    let schedule = desk.clinics().delete_schedule(ask(id())).await;
    let provider = desk.ask(&clinic.tenant, proto::DeleteProviderRequest { id: id() });
    let provider = desk.clinics().delete_provider(provider).await;
    let id = clinic.service.clone();
    let service = desk.ask(&clinic.tenant, proto::DeleteServiceRequest { id });
    let service = desk.clinics().delete_service(service).await;
    let id = clinic.location.clone();
    let location = desk.ask(&clinic.tenant, proto::DeleteLocationRequest { id });
    let location = desk.clinics().delete_location(location).await;
    [
        reason(schedule),
        reason(provider),
        reason(service),
        reason(location),
    ]
}

async fn own_week(desk: &Desk, clinic: &Clinic) {
    let week = proto::PutScheduleRequest {
        provider_id: clinic.provider.clone(),
        hours: vec![proto::Hours {
            weekday: 3,
            opens: "09:00".into(),
            closes: "11:00".into(),
        }],
        breaks: vec![proto::Hours {
            weekday: 3,
            opens: "09:00".into(),
            closes: "09:30".into(),
        }],
    };
    let week = desk.ask(&clinic.tenant, week);
    desk.clinics().put_schedule(week).await.unwrap();
}

#[tokio::test]
async fn what_coming_visits_need_cannot_be_deleted_and_is_deactivated_afterwards() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let second = proto::CreateLocationRequest {
        name: "Second".into(),
        time_zone: "UTC".into(),
    };
    let second = desk.ask(&clinic.tenant, second);
    desk.clinics().create_location(second).await.unwrap();
    own_week(&desk, &clinic).await;
    let booked = desk.book(&clinic.tenant, clinic.booking(TEN, "+14155550123"));
    booked.await.unwrap();
    assert_eq!(
        delete(&desk, &clinic).await,
        [
            "SCHEDULE_IN_USE",
            "PROVIDER_IN_USE",
            "SERVICE_IN_USE",
            "LOCATION_IN_USE"
        ]
    );
    let get = proto::GetServiceRequest {
        id: clinic.service.clone(),
    };
    let service = || desk.ask(&clinic.tenant, get.clone());
    let kept = desk.clinics().get_service(service()).await.unwrap();
    assert!(kept.into_inner().service.unwrap().active);
    // The visit is over.
    desk.clock.set(at("2026-12-02T10:30:00Z"));
    assert_eq!(delete(&desk, &clinic).await, ["gone"; 4]);
    for action in [
        "schedule.deleted",
        "provider.deleted",
        "service.deleted",
        "location.deleted",
    ] {
        let noted = sqlx::query_scalar("SELECT count(*) FROM audit.entry WHERE action = $1")
            .bind(action)
            .fetch_one(&mut desk.database.owner().await)
            .await;
        assert_eq!(noted.ok(), Some(1_i64), "{action}");
    }
    let kept = desk.clinics().get_service(service()).await.unwrap();
    assert!(
        !kept.into_inner().service.unwrap().active,
        "its visits keep it"
    );
    let wanted = clinic.wanted("2026-12-03T00:00:00Z", "2026-12-04T00:00:00Z");
    let refused = desk.slots(&clinic.tenant, wanted).await.unwrap_err();
    assert_eq!(refused.reason, "SERVICE_NOT_FOUND");
    assert_eq!(desk.count("booking.booking").await, 1);
    assert_eq!(
        delete(&desk, &clinic).await,
        ["SCHEDULE_NOT_FOUND", "gone", "gone", "gone"]
    );
}

#[tokio::test]
async fn a_cancelled_visit_keeps_nothing() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    own_week(&desk, &clinic).await;
    let booking = desk.book(&clinic.tenant, clinic.booking(TEN, "+14155550123"));
    let booking = booking.await.unwrap();
    desk.cancel(&clinic.tenant, &booking.id).await.unwrap();
    let [schedule, provider, service, location] = delete(&desk, &clinic).await;
    assert_eq!([&*schedule, &provider, &service], ["gone"; 3]);
    assert_eq!(location, "LOCATION_IN_USE", "the last one stays");
}

#[tokio::test]
async fn without_its_own_week_a_provider_works_the_clinics() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    own_week(&desk, &clinic).await;
    let wednesday = ("2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z");
    assert_eq!(desk.day(&clinic, wednesday).await.0.len(), 3);
    let own = proto::DeleteScheduleRequest {
        provider_id: clinic.provider.clone(),
    };
    let own = desk.ask(&clinic.tenant, own);
    desk.clinics().delete_schedule(own).await.unwrap();
    assert_eq!(desk.day(&clinic, wednesday).await.0.len(), 16);
}

#[tokio::test]
async fn a_room_is_deleted_when_nothing_refers_to_it() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let unused = desk.room(&clinic.tenant, "One", "Treatment").await;
    assert_eq!((&*unused.kind, unused.active), ("treatment", true));
    let blocked = desk.room(&clinic.tenant, "Two", "treatment").await;
    let block = proto::CreateBlockRequest {
        room_id: blocked.id.clone(),
        starts_at: crate::desk::proto_at("2026-12-02T09:00:00Z"),
        ends_at: crate::desk::proto_at("2026-12-02T10:00:00Z"),
        ..Default::default()
    };
    desk.block(&clinic.tenant, block).await.unwrap();
    for id in [&unused.id, &blocked.id] {
        let delete = proto::DeleteRoomRequest { id: id.clone() };
        let delete = desk.ask(&clinic.tenant, delete);
        desk.days().delete_room(delete).await.unwrap();
    }
    let list = desk.ask(&clinic.tenant, proto::ListRoomsRequest::default());
    let rooms = desk
        .days()
        .list_rooms(list)
        .await
        .unwrap()
        .into_inner()
        .rooms;
    let kept: Vec<_> = rooms
        .iter()
        .map(|room| (&*room.name, room.active))
        .collect();
    assert_eq!(kept, [("Two", false)]);
}

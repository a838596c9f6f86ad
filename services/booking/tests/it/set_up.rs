//! A new organisation gets its first location and hours.

use serde_json::json;
use voxanne_events::{Doorbell, Log, New};
use voxanne_pg::OrgTx;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::Tenant;
use voxanne_testkit::{eventually, two_orgs};

use crate::desk::{Desk, at};

async fn locations(desk: &Desk, tenant: &Tenant) -> Vec<proto::Location> {
    let list = proto::ListLocationsRequest::default();
    let answer = desk
        .clinics()
        .list_locations(desk.ask(tenant, list))
        .await
        .unwrap();
    answer.into_inner().locations
}

#[tokio::test]
async fn setting_up_twice_at_once_makes_one_location_and_the_usual_week() {
    let desk = Desk::open().await;
    let (tenant, _) = two_orgs();
    let calls = (0..8).map(|_| async {
        let set_up = proto::SetUpClinicRequest {
            name: "Acme".into(),
            time_zone: "Asia/Kolkata".into(),
        };
        desk.clinics()
            .set_up_clinic(desk.ask(&tenant, set_up))
            .await
            .unwrap();
    });
    futures_util::future::join_all(calls).await;
    let locations = locations(&desk, &tenant).await;
    assert_eq!(locations.len(), 1);
    assert_eq!(locations[0].time_zone, "Asia/Kolkata");
    let list = proto::ListSchedulesRequest::default();
    let answer = desk
        .clinics()
        .list_schedules(desk.ask(&tenant, list))
        .await
        .unwrap();
    let schedules = answer.into_inner().schedules;
    assert_eq!((schedules.len(), &*schedules[0].provider_id), (1, ""));
    let days: Vec<_> = schedules[0]
        .hours
        .iter()
        .map(|one| (one.weekday, &*one.opens))
        .collect();
    assert_eq!(days, [1, 2, 3, 4, 5].map(|day| (day, "09:00")));
}

#[tokio::test]
async fn a_sign_up_whose_set_up_never_came_is_healed_by_its_event() {
    let desk = Desk::open().await;
    let (tenant, other) = two_orgs();
    let log = Log::new(Doorbell::silent());
    let tx = OrgTx::begin(&desk.database.pool("identity"), &tenant)
        .await
        .unwrap();
    let data = json!({"orgId": tenant.org(), "timeZone": "Europe/Berlin", "name": "Globex"});
    let created = New {
        kind: "org.created",
        at: at("2026-12-01T08:00:00Z"),
        data,
    };
    log.commit(tx, vec![created]).await.unwrap();
    eventually("the clinic is set up", || async {
        !locations(&desk, &tenant).await.is_empty()
    })
    .await;
    let location = locations(&desk, &tenant).await.remove(0);
    assert_eq!(
        (&*location.name, &*location.time_zone),
        ("Globex", "Europe/Berlin")
    );
    assert!(locations(&desk, &other).await.is_empty());
}

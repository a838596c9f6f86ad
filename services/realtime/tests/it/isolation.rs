//! No event crosses organisations.

use tonic::{Code, Request};
use voxanne_proto::realtime::v1::{GetHeadRequest, realtime_service_client::RealtimeServiceClient};
use voxanne_testkit::two_orgs;

use crate::scene::{Scene, assert_gone};

#[tokio::test]
async fn another_organisations_log_looks_like_none() {
    let scene = Scene::polling().await;
    let (acme, globex) = two_orgs();
    scene.write(&acme, 7).await;
    let reader = scene.reader();
    assert_eq!(reader.head(&globex).await, 0);
    let page = reader.replay(&globex, 0, 0).await.unwrap();
    assert_eq!((page.events.len(), page.reload, page.head), (0, false, 0));
    assert!(reader.replay(&globex, 5, 0).await.unwrap().reload);
    assert_gone(&reader.subscribe(&globex, 5).await.err().unwrap());
}

#[tokio::test]
async fn a_stream_carries_its_own_organisations_events_only() {
    let scene = Scene::polling().await;
    let (acme, globex) = two_orgs();
    let reader = scene.reader();
    let mut acmes = reader.subscribe(&acme, 0).await.unwrap();
    let mut globexes = reader.subscribe(&globex, 0).await.unwrap();
    tokio::join!(scene.write(&acme, 30), scene.write(&globex, 12));
    let acmes = acmes.read_to(30).await;
    let globexes = globexes.read_to(12).await;
    let both: std::collections::HashSet<_> = acmes
        .iter()
        .chain(&globexes)
        .map(|event| event.id.clone())
        .collect();
    assert_eq!(both.len(), 42, "no event is in both streams");
    // Nothing of acme's follows behind globex's own events.
    let page = reader.replay(&globex, 0, 0).await.unwrap();
    let replayed: Vec<_> = page.events.into_iter().map(|event| event.id).collect();
    let streamed: Vec<_> = globexes.into_iter().map(|event| event.id).collect();
    assert_eq!(replayed, streamed);
}

#[tokio::test]
async fn a_call_without_an_organisation_is_refused() {
    let scene = Scene::polling().await;
    let mut client = RealtimeServiceClient::new(scene.service.channel());
    let refused = client.get_head(Request::new(GetHeadRequest {})).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
}

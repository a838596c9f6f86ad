//! `Subscribe`: contiguous whatever happens beside it.

use voxanne_testkit::{eventually, two_orgs};

use crate::scene::{Scene, assert_gone};

const WRITERS: usize = 4;
const EACH: usize = 60;

async fn contiguous_under_concurrent_writers(scene: Scene) {
    let (acme, globex) = two_orgs();
    let reader = scene.reader();
    let all = i64::try_from(WRITERS * EACH).expect("a small number");
    let writers = async {
        let writer = || scene.write(&acme, EACH);
        tokio::join!(
            writer(),
            writer(),
            writer(),
            writer(),
            scene.write(&globex, 20)
        );
    };
    let early = async {
        let mut subscription = reader.subscribe(&acme, 0).await.expect("a stream");
        subscription.read_to(all).await.len()
    };
    let joining = async {
        eventually("the writers are under way", || async {
            reader.head(&acme).await > 20
        })
        .await;
        let after = reader.head(&acme).await - 10;
        let mut subscription = reader.subscribe(&acme, after).await.expect("a stream");
        let read = subscription.read_to(all).await.len();
        i64::try_from(read).expect("a small number") + after
    };
    let ((), early, joining) = tokio::join!(writers, early, joining);
    assert_eq!(early, WRITERS * EACH);
    assert_eq!(joining, all);
}

#[tokio::test]
async fn the_stream_is_contiguous_with_the_doorbell_alone() {
    let scene = Scene::with_doorbell().await;
    // A first event that is heard shows that the subscription at Redis stands.
    let (acme, _) = two_orgs();
    let reader = scene.reader();
    let mut subscription = reader.subscribe(&acme, 0).await.unwrap();
    let heard = async { subscription.read_to(1).await };
    tokio::pin!(heard);
    loop {
        scene.write(&acme, 1).await;
        let wait = tokio::time::timeout(std::time::Duration::from_millis(100), &mut heard);
        if wait.await.is_ok() {
            break;
        }
    }
    Box::pin(contiguous_under_concurrent_writers(scene)).await;
}

#[tokio::test]
async fn the_stream_is_contiguous_without_redis() {
    Box::pin(contiguous_under_concurrent_writers(Scene::polling().await)).await;
}

#[tokio::test]
async fn a_subscriber_resumes_where_it_was() {
    let scene = Scene::polling().await;
    let (acme, _) = two_orgs();
    scene.write_batch(&acme, 1200).await;
    let reader = scene.reader();
    let mut subscription = reader.subscribe(&acme, 100).await.unwrap();
    assert_eq!(subscription.read_to(1200).await.len(), 1100);
    drop(subscription);
    scene.write(&acme, 3).await;
    let mut subscription = reader.subscribe(&acme, 1200).await.unwrap();
    assert_eq!(subscription.read_to(1203).await.len(), 3);
    scene.write(&acme, 1).await;
    assert_eq!(subscription.read_to(1204).await.len(), 1);
}

#[tokio::test]
async fn events_arrive_whole() {
    let scene = Scene::polling().await;
    let (acme, _) = two_orgs();
    scene.write(&acme, 1).await;
    let mut subscription = scene.reader().subscribe(&acme, 0).await.unwrap();
    let event = subscription.read_to(1).await.remove(0);
    assert_eq!(event.r#type, "booking.created");
    assert_eq!(event.data_json, r#"{"bookingId":"bkg_1"}"#);
    assert!(event.id.starts_with("evt_"), "{}", event.id);
    assert!(event.at.is_some());
}

#[tokio::test]
async fn a_log_that_does_not_reach_back_is_out_of_range() {
    let scene = Scene::polling().await;
    let (acme, _) = two_orgs();
    scene.write(&acme, 5).await;
    scene.forget(&acme, 3).await;
    let reader = scene.reader();
    for after in [-1, 0, 2, 6] {
        let refused = reader.subscribe(&acme, after).await;
        assert_gone(&refused.err().expect("a gap is no stream"));
    }
    let mut subscription = reader.subscribe(&acme, 3).await.unwrap();
    assert_eq!(subscription.read_to(5).await.len(), 2);
}

#[tokio::test]
async fn the_last_listener_takes_its_feed_along_and_the_next_opens_another() {
    let scene = Scene::polling().await;
    let (acme, _) = two_orgs();
    let reader = scene.reader();
    reader.head(&acme).await;
    let tasks = &scene.service.process.tasks;
    let idle = tasks.len();
    for round in 1..=5 {
        let mut first = reader.subscribe(&acme, round - 1).await.unwrap();
        let mut second = reader.subscribe(&acme, round - 1).await.unwrap();
        scene.write(&acme, 1).await;
        first.read_to(round).await;
        second.read_to(round).await;
        // Two subscriptions and the one feed they share.
        assert_eq!(tasks.len(), idle + 3);
        drop((first, second));
        eventually("the feed ends with its listeners", || async {
            tasks.len() == idle
        })
        .await;
    }
}

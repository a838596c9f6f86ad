//! `Replay` and `GetHead`.

use tonic::Code;
use voxanne_testkit::two_orgs;

use crate::scene::Scene;

#[tokio::test]
async fn a_replay_comes_in_pages() {
    let scene = Scene::polling().await;
    let (acme, _) = two_orgs();
    let reader = scene.reader();
    assert_eq!(reader.head(&acme).await, 0);
    let empty = reader.replay(&acme, 0, 0).await.unwrap();
    assert_eq!(
        (empty.events.len(), empty.reload, empty.head),
        (0, false, 0)
    );
    scene.write_batch(&acme, 600).await;
    assert_eq!(reader.head(&acme).await, 600);
    for (after, limit, first, count) in [
        (0, 0, Some(1), 500),
        (500, 0, Some(501), 100),
        (10, 2, Some(11), 2),
        (600, 0, None, 0),
    ] {
        let page = reader.replay(&acme, after, limit).await.unwrap();
        assert_eq!(page.events.first().map(|event| event.seq), first);
        assert_eq!((page.events.len(), page.reload), (count, false));
        assert_eq!(page.head, 600);
    }
}

#[tokio::test]
async fn a_log_that_does_not_reach_back_asks_for_a_reload() {
    let scene = Scene::polling().await;
    let (acme, _) = two_orgs();
    let reader = scene.reader();
    scene.write(&acme, 5).await;
    scene.forget(&acme, 3).await;
    for after in [-1, 0, 2, 6, i64::MAX] {
        let page = reader.replay(&acme, after, 0).await.unwrap();
        assert_eq!(
            (page.reload, page.events.len(), page.head),
            (true, 0, 5),
            "{after}"
        );
    }
    assert!(!reader.replay(&acme, 3, 0).await.unwrap().reload);
}

#[tokio::test]
async fn a_page_too_large_is_refused() {
    let scene = Scene::polling().await;
    let (acme, _) = two_orgs();
    let refused = scene.reader().replay(&acme, 0, 501).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

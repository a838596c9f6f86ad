//! A subscriber that does not keep up loses nothing.

use voxanne_testkit::two_orgs;

use crate::scene::Scene;

#[tokio::test]
async fn a_slow_subscriber_gets_everything_and_holds_up_nobody() {
    let scene = Scene::polling().await;
    let (acme, _) = two_orgs();
    let reader = scene.reader();
    let mut slow = reader.subscribe(&acme, 0).await.unwrap();
    // A connection of its own: one connection's readers share its flow control.
    let mut quick = scene.reader().subscribe(&acme, 0).await.unwrap();
    // More pages than its queue, the feed's queue and the connection's window hold together.
    let mut written = 0;
    for _ in 0..100 {
        scene.write_batch(&acme, 50).await;
        written += 50;
        quick.read_to(written).await;
    }
    assert_eq!(slow.read_to(written).await.len(), 5000);
}

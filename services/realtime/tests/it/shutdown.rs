//! The end of the process.

use tonic::Code;
use voxanne_problem::Problem;
use voxanne_testkit::two_orgs;

use crate::scene::Scene;

#[tokio::test]
async fn streams_end_when_the_process_stops() {
    let scene = Scene::polling().await;
    let (acme, globex) = two_orgs();
    scene.write(&acme, 3).await;
    let reader = scene.reader();
    let mut busy = reader.subscribe(&acme, 0).await.unwrap();
    let mut idle = reader.subscribe(&globex, 0).await.unwrap();
    busy.read_to(3).await;
    let stop = scene.service.stop();
    let ends = async {
        for status in [busy.end().await, idle.end().await] {
            assert_eq!(status.code(), Code::Unavailable);
            assert_eq!(Problem::from(status).reason, "RESTARTING");
        }
        // The connection goes with its last user.
        drop((busy, idle, reader));
    };
    tokio::join!(stop, ends);
}

//! Stopping in the middle of an attempt.

use std::time::{Duration, Instant};

use serde_json::json;
use voxanne_testkit::two_orgs;

use crate::stage::{Stage, draft};

#[tokio::test]
async fn a_stop_does_not_wait_for_vapi_and_another_process_goes_on_at_once() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.live(&acme).await;
    stage.fault("slow", json!({"ms": 60_000})).await;
    stage.save(&acme, draft("Bea")).await;
    let started = Instant::now();
    stage.service.stop().await;
    assert!(started.elapsed() < Duration::from_secs(5));
    stage.mend().await;
    let other = stage.replica().await;
    voxanne_testkit::eventually("Vapi has the save", || async {
        let assistants = stage.listed("assistant").await;
        assistants
            .iter()
            .any(|assistant| assistant["name"] == "Bea")
    })
    .await;
    // A lease that had not been given back would have lasted 25 s.
    assert!(started.elapsed() < Duration::from_secs(20));
    other.stop().await;
}

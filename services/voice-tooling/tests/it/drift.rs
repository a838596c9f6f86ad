//! What somebody changes at Vapi by hand.

use reqwest::Method;
use serde_json::json;
use voxanne_tenant::Tenant;
use voxanne_testkit::{eventually, two_orgs};

use crate::{
    stage::{Stage, draft},
    sync::{NAMES, start_sync},
};

/// Makes the hourly check due and waits until the agent shows `state`.
async fn checked(stage: &Stage, tenant: &Tenant, state: &str) {
    stage
        .execute("UPDATE voice_tooling.agent SET checked_at = now() - interval '2 hours'")
        .await;
    eventually("the check has been made", || async {
        stage.sync(tenant).await.state == state
    })
    .await;
}

#[tokio::test]
async fn a_change_by_hand_is_shown_and_stays_until_a_sync_is_asked_for() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.live(&acme).await;
    let before = stage.assistant(&acme).await;
    let path = format!("/assistant/{}", before["id"].as_str().unwrap());
    let mut model = before["model"].clone();
    model["toolIds"].as_array_mut().unwrap().pop();
    let edit = json!({"name": "Edited", "model": model});
    stage.vapi(Method::PATCH, &path, edit).await;
    checked(&stage, &acme, "drifted").await;
    let sync = stage.sync(&acme).await;
    assert!(
        sync.cause.contains("name") && sync.cause.contains("model"),
        "{}",
        sync.cause
    );
    let mut states: Vec<_> = sync.tools.iter().map(|tool| tool.state.as_str()).collect();
    states.sort_unstable();
    assert_eq!(states, ["drifted", "live"]);
    assert_eq!(stage.assistant(&acme).await["name"], "Edited");
    start_sync(&stage, &acme).await;
    stage.eventually_live(&acme).await;
    let after = stage.assistant(&acme).await;
    assert_eq!(after["name"], "Ava");
    assert_eq!(
        after["model"]["toolIds"].as_array().unwrap().len(),
        NAMES.len()
    );
    let kinds = stage.event_kinds(acme.org()).await;
    assert_eq!(
        kinds,
        [
            "agent.saved",
            "agent.synced",
            "agent.sync_failed",
            "agent.synced"
        ]
    );
}

#[tokio::test]
async fn a_change_that_is_taken_back_is_forgotten() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    let agent = stage.live(&acme).await;
    let path = format!("/assistant/{}", agent.vapi_assistant_id);
    stage
        .vapi(Method::PATCH, &path, json!({"name": "Edited"}))
        .await;
    checked(&stage, &acme, "drifted").await;
    stage
        .vapi(Method::PATCH, &path, json!({"name": agent.name}))
        .await;
    checked(&stage, &acme, "live").await;
    assert_eq!(stage.sync(&acme).await.cause, "");
    stage.save(&acme, draft("Bea")).await;
    stage.eventually_live(&acme).await;
}

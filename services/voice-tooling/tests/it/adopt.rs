//! Finding again what was made and not written down: Vapi has no idempotency keys.

use reqwest::Method;
use serde_json::json;
use voxanne_testkit::{eventually, two_orgs};

use crate::{
    stage::{Stage, draft},
    sync::{start_sync, tool_ids},
};

#[tokio::test]
async fn a_lost_answer_is_found_again_and_makes_nothing_twice() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    // Credential, two tools and the assistant: each is made, and none of the answers arrives.
    stage
        .fault("timeout_after_accept", json!({"count": 4, "ms": 1}))
        .await;
    stage.save(&acme, draft("Ava")).await;
    eventually("the agent is live", || async {
        let sync = stage.sync(&acme).await;
        if sync.state == "failed" {
            start_sync(&stage, &acme).await;
        }
        sync.state == "live"
    })
    .await;
    tool_ids(&stage).await;
    assert_eq!(stage.listed("assistant").await.len(), 1);
    assert_eq!(stage.listed("credential").await.len(), 1);
}

#[tokio::test]
async fn what_a_killed_process_made_is_adopted() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    let agent = stage.live(&acme).await;
    let ids = tool_ids(&stage).await;
    // As if the process had been killed between Vapi's answer and its own commit.
    stage
        .execute("DELETE FROM voice_tooling.platform_tool")
        .await;
    stage
        .execute("DELETE FROM voice_tooling.platform_credential")
        .await;
    stage.execute("DELETE FROM voice_tooling.org_tools").await;
    stage
        .execute(
            "UPDATE voice_tooling.agent SET vapi_assistant_id = NULL, sync_state = 'syncing',
           lease = gen_random_uuid(), leased_until = now(), wanted = wanted + 1",
        )
        .await;
    stage.eventually_live(&acme).await;
    assert_eq!(
        stage.agent(&acme).await.vapi_assistant_id,
        agent.vapi_assistant_id
    );
    assert_eq!(tool_ids(&stage).await, ids);
    assert_eq!(stage.listed("assistant").await.len(), 1);
    assert_eq!(stage.listed("credential").await.len(), 1);
}

#[tokio::test]
async fn what_lies_beyond_the_first_page_is_found() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.live(&acme).await;
    let ids = tool_ids(&stage).await;
    // Newer ones push ours off the first hundred.
    for number in 0..105 {
        let name = format!("theirs-{number}");
        let other = json!({"type": "function", "function": {"name": name}});
        stage.vapi(Method::POST, "/tool", other).await;
    }
    stage
        .execute("DELETE FROM voice_tooling.platform_tool")
        .await;
    start_sync(&stage, &acme).await;
    stage.eventually_live(&acme).await;
    let tools = stage.listed("tool").await;
    assert_eq!(tools.len(), 105 + ids.len());
}

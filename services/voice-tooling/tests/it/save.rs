//! Saving an agent, its versions, and switching it off.

use std::time::Instant;

use serde_json::{Value, json};
use tonic::Request;
use voxanne_idempotency::{Fingerprint, Key, KeyedRequest};
use voxanne_problem::Problem;
use voxanne_proto::voice_tooling::v1::{
    ListAgentVersionsRequest, SaveAgentRequest, SetEnabledRequest,
};
use voxanne_testkit::{eventually, two_orgs};

use crate::stage::{SOON, Stage, draft, reason};

#[tokio::test]
async fn a_save_does_not_wait_for_vapi_and_goes_live_when_it_is_back() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.fault("down", Value::Null).await;
    let started = Instant::now();
    let request = stage.ask(&acme, draft("Ava"));
    let saved = stage
        .client()
        .save_agent(request)
        .await
        .unwrap()
        .into_inner();
    assert!(started.elapsed() < SOON);
    let sync = saved.sync.unwrap();
    assert_eq!((sync.state.as_str(), sync.tools.len()), ("pending", 2));
    assert!(sync.tools.iter().all(|tool| tool.state == "syncing"));
    eventually("the failure is shown", || async {
        stage.sync(&acme).await.state == "failed"
    })
    .await;
    let failed = stage.sync(&acme).await;
    assert_eq!(failed.cause, "Vapi did not answer");
    assert!(failed.next_attempt_at.is_some());
    assert!(failed.tools.iter().all(|tool| tool.state == "failed"));
    stage.mend().await;
    stage.eventually_live(&acme).await;
    let live = stage.sync(&acme).await;
    assert_eq!((live.cause.as_str(), live.next_attempt_at), ("", None));
    assert!(
        live.tools
            .iter()
            .all(|tool| tool.state == "live" && !tool.vapi_tool_id.is_empty())
    );
    let kinds = stage.event_kinds(acme.org()).await;
    assert_eq!(kinds, ["agent.saved", "agent.sync_failed", "agent.synced"]);
}

#[tokio::test]
async fn every_save_is_a_version() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    for (number, name) in ["Ava", "Bea", "Cleo"].into_iter().enumerate() {
        let saved = stage.save(&acme, draft(name)).await;
        assert_eq!(saved.version, i64::try_from(number).unwrap() + 1);
    }
    let page = |cursor: String| stage.ask(&acme, ListAgentVersionsRequest { limit: 2, cursor });
    let mut client = stage.client();
    let first = client
        .list_agent_versions(page(String::new()))
        .await
        .unwrap()
        .into_inner();
    let names: Vec<_> = first
        .versions
        .iter()
        .map(|agent| agent.name.as_str())
        .collect();
    assert_eq!(names, ["Cleo", "Bea"]);
    let rest = client
        .list_agent_versions(page(first.next_cursor))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (rest.versions[0].version, rest.next_cursor.as_str()),
        (1, "")
    );
}

#[tokio::test]
async fn a_repeated_save_with_its_key_is_one_version() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    let keyed = |draft: SaveAgentRequest| -> Request<SaveAgentRequest> {
        let keyed = KeyedRequest {
            key: Key::parse("k-1").unwrap(),
            fingerprint: Fingerprint::of(&[draft.name.as_bytes()]),
        };
        let mut request = stage.ask(&acme, draft);
        keyed.attach(&mut request);
        request
    };
    let mut client = stage.client();
    let first = client
        .save_agent(keyed(draft("Ava")))
        .await
        .unwrap()
        .into_inner();
    let again = client
        .save_agent(keyed(draft("Ava")))
        .await
        .unwrap()
        .into_inner();
    assert!(again.replayed && !first.replayed);
    assert_eq!(again.agent, first.agent);
    assert_eq!(stage.agent(&acme).await.version, 1);
    let other = client.save_agent(keyed(draft("Bea"))).await;
    assert_eq!(reason(other), "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn a_bad_save_names_its_fields_and_changes_nothing() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    let bad = SaveAgentRequest {
        language: "english".into(),
        ..draft("")
    };
    let refused = stage
        .client()
        .save_agent(stage.ask(&acme, bad))
        .await
        .unwrap_err();
    let problem = Problem::from(refused);
    let fields: Vec<_> = problem
        .violations
        .iter()
        .map(|one| one.field.as_str())
        .collect();
    assert_eq!(fields, ["name", "language"]);
    assert!(stage.events(acme.org()).await.is_empty());
}

#[tokio::test]
async fn switching_off_is_announced() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    let saved = stage.save(&acme, draft("Ava")).await;
    let request = stage.ask(&acme, SetEnabledRequest { enabled: false });
    let off = stage
        .client()
        .set_enabled(request)
        .await
        .unwrap()
        .into_inner();
    assert!(!off.agent.unwrap().enabled && !stage.agent(&acme).await.enabled);
    let events = stage.events(acme.org()).await;
    let last = events
        .iter()
        .rfind(|(kind, _)| kind == "agent.saved")
        .unwrap();
    assert_eq!(
        last.1,
        json!({"agentId": saved.id, "version": 1, "enabled": false})
    );
}

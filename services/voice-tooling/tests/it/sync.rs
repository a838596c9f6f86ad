//! Bringing Vapi to what is saved, whatever happens on the way.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use voxanne_ids::OrgId;
use voxanne_proto::voice_tooling::v1::{
    SaveAgentRequest, StartSyncRequest, voice_tooling_service_client::VoiceToolingServiceClient,
};
use voxanne_tenant::Tenant;
use voxanne_testkit::{eventually, staff, two_orgs};

use crate::stage::{Stage, draft};

pub(crate) const NAMES: [&str; 2] = ["bookClinicAppointment", "getCalendarSlots"];

pub(crate) async fn start_sync(stage: &Stage, tenant: &Tenant) {
    let request = stage.ask(tenant, StartSyncRequest {});
    stage.client().start_sync(request).await.unwrap();
}

/// Ids of the platform's tools at Vapi; each name is there once.
pub(crate) async fn tool_ids(stage: &Stage) -> BTreeSet<String> {
    let tools = stage.listed("tool").await;
    let names: BTreeSet<_> = tools
        .iter()
        .map(|tool| tool["function"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, NAMES.into());
    assert_eq!(tools.len(), NAMES.len(), "each tool is registered once");
    tools
        .iter()
        .map(|tool| tool["id"].as_str().unwrap().to_owned())
        .collect()
}

fn linked(assistant: &Value) -> BTreeSet<String> {
    let ids = assistant["model"]["toolIds"].as_array().unwrap();
    ids.iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_assistant_has_prompt_tools_and_the_way_back() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    let agent = stage.live(&acme).await;
    let assistant = stage.assistant(&acme).await;
    assert_eq!(linked(&assistant), tool_ids(&stage).await);
    assert_eq!(
        assistant["model"]["messages"],
        json!([{"role": "system", "content": "You answer the phone of a clinic."}])
    );
    assert_eq!(assistant["metadata"], json!({"agentId": agent.id}));
    assert_eq!(
        assistant["serverMessages"],
        json!(["tool-calls", "status-update", "end-of-call-report"])
    );
    let credentials = stage.listed("credential").await;
    assert_eq!(credentials.len(), 1);
    assert_eq!(credentials[0]["name"], "voxanne-webhook");
    assert_eq!(
        assistant["server"]["url"],
        "https://clinic.example/api/webhooks/vapi"
    );
    assert_eq!(assistant["server"]["credentialId"], credentials[0]["id"]);
    for tool in stage.listed("tool").await {
        assert_eq!(tool["server"]["credentialId"], credentials[0]["id"]);
        let url = tool["server"]["url"].as_str().unwrap();
        assert!(
            url.starts_with("https://clinic.example/api/vapi/tools/"),
            "{url}"
        );
    }
}

#[tokio::test]
async fn fifty_saves_at_once_register_each_tool_once() {
    let stage = Stage::start().await;
    let other = stage.replica().await;
    let clinics: Vec<_> = (0..5).map(|_| staff(OrgId::new())).collect();
    let channels = [stage.service.channel(), other.channel()];
    let saves = (0..50).map(|number: usize| {
        let mut client = VoiceToolingServiceClient::new(channels[number % 2].clone());
        let request = stage.ask(&clinics[number % 5], draft(&format!("Agent {number}")));
        async move { client.save_agent(request).await.unwrap() }
    });
    join_all(saves).await;
    for clinic in &clinics {
        stage.eventually_live(clinic).await;
    }
    let ids = tool_ids(&stage).await;
    for clinic in &clinics {
        let (agent, assistant) = (stage.agent(clinic).await, stage.assistant(clinic).await);
        assert_eq!(agent.version, 10);
        assert_eq!(
            assistant["name"], agent.name,
            "the last save is what Vapi has"
        );
        assert_eq!(linked(&assistant), ids);
    }
    assert_eq!(stage.listed("assistant").await.len(), clinics.len());
    assert_eq!(stage.listed("credential").await.len(), 1);
    other.stop().await;
}

#[tokio::test]
async fn what_the_dashboard_changed_survives_a_save() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.live(&acme).await;
    let before = stage.assistant(&acme).await;
    let theirs = json!({"type": "function", "function": {"name": "theirs"}});
    let theirs = stage.vapi(Method::POST, "/tool", theirs).await["id"].clone();
    let mut model = before["model"].clone();
    model["temperature"] = json!(0.1);
    model["toolIds"]
        .as_array_mut()
        .unwrap()
        .push(theirs.clone());
    let path = format!("/assistant/{}", before["id"].as_str().unwrap());
    let edit = json!({"model": model, "maxDurationSeconds": 900, "endCallMessage": "Bye."});
    stage.vapi(Method::PATCH, &path, edit).await;
    let saved = SaveAgentRequest {
        system_prompt: "Be brief.".into(),
        ..draft("Bea")
    };
    stage.save(&acme, saved).await;
    stage.eventually_live(&acme).await;
    let after = stage.assistant(&acme).await;
    assert_eq!(
        (&after["name"], &after["model"]["messages"][0]["content"]),
        (&json!("Bea"), &json!("Be brief."))
    );
    assert_eq!(
        (&after["maxDurationSeconds"], &after["endCallMessage"]),
        (&json!(900), &json!("Bye."))
    );
    assert_eq!(after["model"]["temperature"], json!(0.1));
    let ids = after["model"]["toolIds"].as_array().unwrap();
    assert!(ids.contains(&theirs));
    assert_eq!(ids.len(), NAMES.len() + 1, "every tool is linked once");
}

#[tokio::test]
async fn a_tool_defined_anew_is_registered_anew_under_its_id() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.live(&acme).await;
    let before = stage.listed("tool").await;
    stage
        .execute("UPDATE voice_tooling.platform_tool SET definition_hash = 'older'")
        .await;
    start_sync(&stage, &acme).await;
    eventually("the tools are patched", || async {
        let now = stage.listed("tool").await;
        now.iter().all(|tool| {
            before
                .iter()
                .all(|old| old["updatedAt"] != tool["updatedAt"])
        })
    })
    .await;
    stage.eventually_live(&acme).await;
    assert_eq!(
        linked(&stage.assistant(&acme).await),
        tool_ids(&stage).await
    );
}

#[tokio::test]
async fn a_tool_that_is_gone_is_made_again_and_linked_everywhere() {
    let stage = Stage::start().await;
    let (acme, globex) = two_orgs();
    stage.live(&acme).await;
    stage.live(&globex).await;
    let gone = tool_ids(&stage).await.into_iter().next().unwrap();
    stage
        .vapi(Method::DELETE, &format!("/tool/{gone}"), Value::Null)
        .await;
    start_sync(&stage, &acme).await;
    for clinic in [&acme, &globex] {
        eventually("the new tool is linked and the old one is not", || async {
            let linked = linked(&stage.assistant(clinic).await);
            linked.len() == NAMES.len() && !linked.contains(&gone)
        })
        .await;
        stage.eventually_live(clinic).await;
        assert_eq!(
            linked(&stage.assistant(clinic).await),
            tool_ids(&stage).await
        );
    }
}

#[tokio::test]
async fn an_assistant_that_is_gone_is_made_again() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    let agent = stage.live(&acme).await;
    let path = format!("/assistant/{}", agent.vapi_assistant_id);
    stage.vapi(Method::DELETE, &path, Value::Null).await;
    start_sync(&stage, &acme).await;
    eventually("there is another assistant", || async {
        stage.agent(&acme).await.vapi_assistant_id != agent.vapi_assistant_id
    })
    .await;
    stage.eventually_live(&acme).await;
    assert_eq!(
        linked(&stage.assistant(&acme).await),
        tool_ids(&stage).await
    );
}

#[tokio::test]
async fn what_vapi_refuses_is_shown_in_its_words() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    let mut unknown = draft("Ava");
    unknown.voice.as_mut().unwrap().provider = "nobody".into();
    stage.save(&acme, unknown).await;
    eventually("the refusal is shown", || async {
        let sync = stage.sync(&acme).await;
        sync.state == "failed" && sync.cause.starts_with("Vapi refused the request: voice")
    })
    .await;
    stage.save(&acme, draft("Ava")).await;
    stage.eventually_live(&acme).await;
}

//! Nothing of one organisation reaches another, rpc by rpc.

use voxanne_ids::CallId;
use voxanne_problem::Problem;
use voxanne_proto::voice_tooling::v1::{
    FindAssistantRequest, GetAgentRequest, GetCallRequest, GetSyncRequest,
    ListAgentVersionsRequest, ListCallsRequest, RecordCallRequest, RunToolRequest,
    SetEnabledRequest, StartSyncRequest, run_tool_response::Outcome,
};
use voxanne_tenant::System;
use voxanne_testkit::two_orgs;

use crate::stage::{Stage, draft, reason};

#[tokio::test]
async fn agents_are_their_organisations_own() {
    let stage = Stage::start().await;
    let (acme, globex) = two_orgs();
    stage.save(&acme, draft("Ava")).await;
    let mut client = stage.client();
    let outcome = client
        .get_agent(stage.ask(&globex, GetAgentRequest {}))
        .await;
    assert_eq!(reason(outcome), "AGENT_NOT_FOUND");
    let outcome = client.get_sync(stage.ask(&globex, GetSyncRequest {})).await;
    assert_eq!(reason(outcome), "AGENT_NOT_FOUND");
    let outcome = client
        .start_sync(stage.ask(&globex, StartSyncRequest {}))
        .await;
    assert_eq!(reason(outcome), "AGENT_NOT_FOUND");
    let off = SetEnabledRequest { enabled: false };
    let outcome = client.set_enabled(stage.ask(&globex, off)).await;
    assert_eq!(reason(outcome), "AGENT_NOT_FOUND");
    let versions = stage.ask(&globex, ListAgentVersionsRequest::default());
    let versions = client
        .list_agent_versions(versions)
        .await
        .unwrap()
        .into_inner();
    assert!(versions.versions.is_empty());
    let theirs = stage.save(&globex, draft("Bea")).await;
    let ours = stage.agent(&acme).await;
    assert_eq!(
        (ours.name.as_str(), ours.version, ours.enabled),
        ("Ava", 1, true)
    );
    assert_eq!(theirs.version, 1);
    assert_ne!(ours.id, theirs.id);
}

#[tokio::test]
async fn another_organisations_call_is_like_an_unknown_one() {
    let stage = Stage::start().await;
    let (acme, globex) = two_orgs();
    let mut client = stage.client();
    let record = |summary: &str| RecordCallRequest {
        vapi_call_id: "same".into(),
        summary: summary.into(),
        ..RecordCallRequest::default()
    };
    client
        .record_call(stage.ask(&acme, record("ours")))
        .await
        .unwrap();
    let list = |tenant| stage.ask(tenant, ListCallsRequest::default());
    let ours = client
        .list_calls(list(&acme))
        .await
        .unwrap()
        .into_inner()
        .calls;
    assert!(
        client
            .list_calls(list(&globex))
            .await
            .unwrap()
            .into_inner()
            .calls
            .is_empty()
    );
    let mut refusals = Vec::new();
    for id in [ours[0].id.clone(), CallId::new().to_string()] {
        let refused = client
            .get_call(stage.ask(&globex, GetCallRequest { id }))
            .await;
        refusals.push(Problem::from(refused.unwrap_err()).to_string());
    }
    assert_eq!(refusals[0], refusals[1]);
    client
        .record_call(stage.ask(&globex, record("theirs, and longer")))
        .await
        .unwrap();
    let request = stage.ask(
        &acme,
        GetCallRequest {
            id: ours[0].id.clone(),
        },
    );
    let shown = client
        .get_call(request)
        .await
        .unwrap()
        .into_inner()
        .call
        .unwrap();
    assert_eq!(shown.summary, "ours");
}

#[tokio::test]
async fn a_tool_call_runs_for_its_own_organisation() {
    let stage = Stage::start().await;
    let (acme, globex) = two_orgs();
    stage.saved(&acme).await;
    let call = RunToolRequest {
        vapi_call_id: "same".into(),
        tool_call_id: "same".into(),
        name: "bookClinicAppointment".into(),
        arguments_json: r#"{"slotId":"slot-2026-12-01T09:00","patientName":"Pat"}"#.into(),
        caller_number: "+15558675310".into(),
    };
    let mut client = stage.client();
    let ours = client
        .run_tool(stage.ask(&acme, call.clone()))
        .await
        .unwrap()
        .into_inner();
    assert!(matches!(ours.outcome, Some(Outcome::Result(_))), "{ours:?}");
    let theirs = client
        .run_tool(stage.ask(&globex, call))
        .await
        .unwrap()
        .into_inner();
    assert!(
        matches!(theirs.outcome, Some(Outcome::Error(_))),
        "no agent, no booking: {theirs:?}"
    );
    let made: Vec<_> = stage
        .booking
        .script()
        .made
        .keys()
        .map(|(org, _)| org.clone())
        .collect();
    assert_eq!(made, [acme.org().to_string()]);
}

#[tokio::test]
async fn an_assistant_leads_to_its_owner_and_only_for_our_own_services() {
    let stage = Stage::start().await;
    let (acme, globex) = two_orgs();
    let (ours, theirs) = (stage.live(&acme).await, stage.live(&globex).await);
    let gateway = System::new("gateway", "test");
    let find = |id: &str| FindAssistantRequest {
        vapi_assistant_id: id.into(),
    };
    let mut client = stage.client();
    for (agent, tenant) in [(ours, &acme), (theirs, &globex)] {
        let request = find(&agent.vapi_assistant_id);
        let request = stage.outbound.system_request(&gateway, request);
        let found = client.find_assistant(request).await.unwrap().into_inner();
        assert_eq!(
            (found.org_id, found.agent_id),
            (tenant.org().to_string(), agent.id)
        );
    }
    for unknown in ["", "5a4db0c5-7a0c-4e0f-9c3f-0e6f0c1d2b3a", "' OR 1=1"] {
        let request = stage.outbound.system_request(&gateway, find(unknown));
        let refused = client.find_assistant(request).await;
        assert_eq!(reason(refused), "ASSISTANT_NOT_FOUND");
    }
    let refused = client.find_assistant(stage.ask(&acme, find(""))).await;
    assert_eq!(reason(refused), "NOT_SYSTEM");
}

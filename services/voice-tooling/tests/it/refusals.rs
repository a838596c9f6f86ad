//! Who may change the agent, and what a request must look like.

use voxanne_ids::{SessionId, UserId};
use voxanne_problem::Problem;
use voxanne_proto::voice_tooling::v1::{
    GetAgentRequest, GetCallRequest, ListCallsRequest, RunToolRequest, SetEnabledRequest,
    StartSyncRequest,
};
use voxanne_tenant::{Caller, Role, Tenant};
use voxanne_testkit::two_orgs;

use crate::stage::{Stage, draft, reason};

#[expect(clippy::disallowed_methods, reason = "tests stand in for the gateway")]
fn as_member(tenant: &Tenant, role: Role) -> Tenant {
    let caller = Caller::User {
        id: UserId::new(),
        role,
        session: SessionId::new(),
    };
    Tenant::authenticated(tenant.org(), caller, "test")
}

#[tokio::test]
async fn only_administrators_change_the_agent() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.save(&acme, draft("Ava")).await;
    let mut client = stage.client();
    for role in [Role::Staff, Role::Provider, Role::Auditor] {
        let member = as_member(&acme, role);
        let refused = client.save_agent(stage.ask(&member, draft("Bea"))).await;
        assert_eq!(reason(refused), "ROLE_INSUFFICIENT");
        let refused = client
            .start_sync(stage.ask(&member, StartSyncRequest {}))
            .await;
        assert_eq!(reason(refused), "ROLE_INSUFFICIENT");
        let off = SetEnabledRequest { enabled: false };
        let refused = client.set_enabled(stage.ask(&member, off)).await;
        assert_eq!(reason(refused), "ROLE_INSUFFICIENT");
        client
            .get_agent(stage.ask(&member, GetAgentRequest {}))
            .await
            .unwrap();
    }
    assert_eq!(stage.agent(&acme).await.version, 1);
}

#[tokio::test]
async fn malformed_requests_name_their_fields() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    let mut client = stage.client();
    let fields = |status: tonic::Status| {
        let violations = Problem::from(status).violations;
        violations
            .into_iter()
            .map(|one| one.field)
            .collect::<Vec<_>>()
    };
    let page = ListCallsRequest {
        limit: 201,
        cursor: "?".into(),
    };
    let refused = client.list_calls(stage.ask(&acme, page)).await.unwrap_err();
    assert_eq!(fields(refused), ["limit", "cursor"]);
    let request = GetCallRequest {
        id: "nonsense".into(),
    };
    let refused = client
        .get_call(stage.ask(&acme, request))
        .await
        .unwrap_err();
    assert_eq!(fields(refused), ["id"]);
    let refused = client
        .run_tool(stage.ask(&acme, RunToolRequest::default()))
        .await
        .unwrap_err();
    assert_eq!(fields(refused), ["vapiCallId", "toolCallId"]);
}

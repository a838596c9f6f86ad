//! What roles may do.

use voxanne_ids::{SessionId, UserId};
use voxanne_problem::{Kind, Problem};
use voxanne_tenant::{Caller, Role};

use crate::{
    callbacks::told,
    retry::retry,
    stage::{Stage, acting},
    twilio::{NOT_A_NUMBER, PATIENT},
};

#[tokio::test]
async fn an_auditor_only_reads_and_only_twilio_reports() {
    let (stage, _twilio) = Stage::start().await;
    stage
        .send(&stage.acme, NOT_A_NUMBER, "Hello")
        .await
        .unwrap();
    let failed = stage.reaches(&stage.acme, "failed").await;
    let org = stage.acme.org();
    let member = |role| Caller::User {
        id: UserId::new(),
        role,
        session: SessionId::new(),
    };
    for (caller, sends, reports) in [
        (member(Role::Owner), true, false),
        (member(Role::Staff), true, false),
        (member(Role::Provider), true, false),
        (member(Role::Auditor), false, false),
        (Caller::Call("call-1".to_owned()), true, false),
        (Caller::Webhook("twilio".to_owned()), false, true),
    ] {
        let tenant = acting(org, caller);
        let sent = stage.send(&tenant, PATIENT, "Hello").await;
        assert_eq!(sent.is_ok(), sends, "{:?}", tenant.caller());
        let request = stage.request(&tenant, told(&failed.id, "SM1", "sent"));
        let reported = stage.client().record_status(request).await;
        assert_eq!(reported.is_ok(), reports, "{:?}", tenant.caller());
        if let Some(status) = sent.err().or(reported.err()) {
            let problem = Problem::from(status);
            assert_eq!(
                (problem.kind, &*problem.reason),
                (Kind::Forbidden, "ROLE_INSUFFICIENT")
            );
        }
        assert!(!stage.messages(&tenant).await.is_empty(), "everyone reads");
    }
    let auditor = acting(org, member(Role::Auditor));
    let refused = retry(&stage, &auditor, &failed.id).await.unwrap_err();
    assert_eq!(refused.reason, "ROLE_INSUFFICIENT");
}

//! A clinic asks whether a calendar works, and Google itself answers.

use serde_json::json;
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::{Caller, Role, Tenant};

use super::stage::{ADA, BO, Stage};
use crate::desk::Desk;

async fn test(
    desk: &Desk,
    tenant: &Tenant,
    provider: &str,
) -> Result<proto::TestCalendarResponse, Problem> {
    let message = proto::TestCalendarRequest {
        provider_id: provider.to_owned(),
    };
    let request = desk.ask(tenant, message);
    Ok(desk.calendars().test_calendar(request).await?.into_inner())
}

async fn tested(stage: &Stage) -> Result<(String, String), Problem> {
    let (tenant, provider) = (&stage.acme.tenant, &stage.acme.provider);
    let answer = test(&stage.desk, tenant, provider).await?;
    Ok((answer.calendar.expect("a calendar").state, answer.verdict))
}

#[expect(clippy::disallowed_methods, reason = "tests stand in for the gateway")]
fn member(org: OrgId, role: Role) -> Tenant {
    let caller = Caller::User {
        id: UserId::new(),
        role,
        session: SessionId::new(),
    };
    Tenant::authenticated(org, caller, "test")
}

fn reason<T>(outcome: Result<T, Problem>) -> String {
    outcome
        .err()
        .map_or_else(|| "OK".to_owned(), |problem| problem.reason.into_owned())
}

#[tokio::test]
async fn a_clinic_is_told_what_google_says_to_its_own_calendar() {
    let stage = Stage::start().await;
    assert_eq!(reason(tested(&stage).await), "CALENDAR_NOT_CONNECTED");
    stage.connect(&stage.acme, ADA).await;
    stage.connect(&stage.globex, BO).await;
    let (state, verdict) = tested(&stage).await.unwrap();
    assert_eq!(state, "connected");
    assert_eq!(verdict, "Google accepts the consent and shows the calendar");
    let strangers = test(&stage.desk, &stage.globex.tenant, &stage.acme.provider).await;
    assert_eq!(reason(strangers), "PROVIDER_NOT_FOUND");
    let staff = member(stage.acme.tenant.org(), Role::Staff);
    let refused = test(&stage.desk, &staff, &stage.acme.provider).await;
    assert_eq!(refused.unwrap_err().kind, Kind::Forbidden);
}

/// The access token at hand would be good for another hour.
#[tokio::test]
async fn google_is_asked_for_a_new_token() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    assert_eq!(tested(&stage).await.unwrap().0, "connected");
    stage.vault.spoil();
    assert_eq!(tested(&stage).await.unwrap().0, "reconnect");
}

#[tokio::test]
async fn a_withdrawn_consent_has_to_be_given_anew() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    tested(&stage).await.unwrap();
    stage.google.forget(ADA, "consents").await;
    let (state, verdict) = tested(&stage).await.unwrap();
    assert_eq!(state, "reconnect");
    assert!(verdict.contains("connect it again"), "{verdict}");
    assert_eq!(stage.calendar(&stage.acme).await.cause, verdict);
    // It is told once, however often it is asked.
    assert_eq!(tested(&stage).await.unwrap().0, "reconnect");
    stage.tells(&stage.acme, "calendar.degraded", 1).await;
    stage.connect(&stage.acme, ADA).await;
    assert_eq!(tested(&stage).await.unwrap().0, "connected");
}

#[tokio::test]
async fn no_answer_of_googles_changes_nothing() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    for mode in ["error", "rate_limited"] {
        stage.google.fault(mode, json!({})).await;
        let away = tested(&stage).await.unwrap_err();
        assert_eq!(
            (away.kind, &*away.reason),
            (Kind::Unavailable, "GOOGLE_UNAVAILABLE"),
            "{mode}"
        );
        assert!(away.retry_after.is_some(), "{mode}");
        assert_eq!(stage.calendar(&stage.acme).await.state, "connected");
        stage.google.mend().await;
    }
    assert_eq!(tested(&stage).await.unwrap().0, "connected");
    let noted = "audit.entry WHERE action = 'calendar.tested'";
    assert_eq!(stage.desk.count(noted).await, 1, "an answer is noted");
}

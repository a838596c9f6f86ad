//! Letting a clinic use a calendar, and taking that back.

use jiff::SignedDuration;
use serde_json::{Value, json};
use voxanne_ids::{OrgId, ProviderId};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::{staff, two_orgs};

use super::stage::{ADA, BO, Stage};
use crate::desk::Desk;

fn reason<T>(outcome: Result<T, Problem>) -> String {
    outcome
        .err()
        .map_or_else(|| "OK".to_owned(), |problem| problem.reason.into_owned())
}

#[tokio::test]
async fn a_consent_connects_the_calendar_of_one_provider_of_one_clinic() {
    let stage = Stage::start().await;
    stage.connect(&stage.acme, ADA).await;
    let calendar = stage.calendar(&stage.acme).await;
    assert_eq!(
        (&*calendar.state, &*calendar.busy_is),
        ("connected", "known")
    );
    assert_eq!(calendar.when_unknown, "block");
    assert_eq!(stage.calendar(&stage.globex).await.state, "none");
    let provider: ProviderId = stage.acme.provider.parse().unwrap();
    let name = format!("google:{}", provider.as_uuid().simple());
    assert_eq!(stage.vault.names(stage.acme.tenant.org()), [name]);
    assert!(stage.vault.names(stage.globex.tenant.org()).is_empty());
    let told = stage.told(&stage.acme).await;
    let news = (
        "calendar.connected".to_owned(),
        json!({"providerId": stage.acme.provider}),
    );
    assert_eq!(told, [news]);
    assert!(stage.told(&stage.globex).await.is_empty());
}

#[tokio::test]
async fn a_state_is_good_once() {
    let stage = Stage::start().await;
    let asked = stage
        .ask(&stage.acme.tenant, &stage.acme.provider)
        .await
        .unwrap();
    let brought = stage.google.consent(&asked.url, ADA, Value::Null).await;
    stage.finish(&brought, &asked.browser).await.unwrap();
    let again = stage.google.consent(&asked.url, BO, Value::Null).await;
    for brought in [brought, again] {
        let replayed = stage.finish(&brought, &asked.browser).await;
        assert_eq!(reason(replayed), "OAUTH_STATE_INVALID");
    }
}

#[tokio::test]
async fn a_forged_or_late_state_opens_nothing() {
    let stage = Stage::start().await;
    let asked = stage
        .ask(&stage.acme.tenant, &stage.acme.provider)
        .await
        .unwrap();
    let brought = stage.google.consent(&asked.url, ADA, Value::Null).await;
    for state in ["", "forged", &"A".repeat(43), &asked.browser] {
        let mut forged = brought.clone();
        forged["state"] = state.into();
        let refused = stage.finish(&forged, &asked.browser).await;
        assert_eq!(reason(refused), "OAUTH_STATE_INVALID", "{state}");
    }
    stage.later(SignedDuration::from_mins(10));
    let late = stage.finish(&brought, &asked.browser).await;
    assert_eq!(reason(late), "OAUTH_STATE_INVALID");
    assert_eq!(stage.calendar(&stage.acme).await.state, "none");
}

#[tokio::test]
async fn another_members_state_is_of_no_use() {
    let stage = Stage::start().await;
    let colleague = staff(stage.acme.tenant.org());
    let theirs = stage.ask(&colleague, &stage.acme.provider).await.unwrap();
    let strangers = stage
        .ask(&stage.globex.tenant, &stage.globex.provider)
        .await
        .unwrap();
    let own = stage
        .ask(&stage.acme.tenant, &stage.acme.provider)
        .await
        .unwrap();
    for other in [theirs, strangers] {
        let brought = stage.google.consent(&other.url, ADA, Value::Null).await;
        let lured = stage.finish(&brought, &own.browser).await;
        assert_eq!(reason(lured), "OAUTH_STATE_INVALID");
        let after = stage.finish(&brought, &other.browser).await;
        assert_eq!(
            reason(after),
            "OAUTH_STATE_INVALID",
            "a state that was tried is over"
        );
    }
    assert_eq!(stage.calendar(&stage.acme).await.state, "none");
    assert_eq!(stage.calendar(&stage.globex).await.state, "none");
    let brought = stage.google.consent(&own.url, ADA, Value::Null).await;
    stage.finish(&brought, &own.browser).await.unwrap();
}

#[tokio::test]
async fn a_refused_or_partial_consent_connects_nothing() {
    let stage = Stage::start().await;
    for (answer, refused) in [
        (json!({"deny": true}), "CONSENT_REFUSED"),
        (json!({"scopes": []}), "CONSENT_INCOMPLETE"),
    ] {
        let asked = stage
            .ask(&stage.acme.tenant, &stage.acme.provider)
            .await
            .unwrap();
        let brought = stage.google.consent(&asked.url, ADA, answer).await;
        let finished = stage.finish(&brought, &asked.browser).await;
        assert_eq!(reason(finished), refused);
    }
    assert_eq!(stage.calendar(&stage.acme).await.state, "none");
    assert!(stage.vault.names(stage.acme.tenant.org()).is_empty());
    let left = stage.google.connections(ADA).await;
    assert_eq!(left["consents"], false, "what is of no use is given back");
}

#[tokio::test]
async fn a_code_of_another_question_is_refused() {
    let stage = Stage::start().await;
    let one = stage
        .ask(&stage.acme.tenant, &stage.acme.provider)
        .await
        .unwrap();
    let other = stage
        .ask(&stage.acme.tenant, &stage.acme.provider)
        .await
        .unwrap();
    let mut brought = stage.google.consent(&one.url, ADA, Value::Null).await;
    brought["code"] = stage.google.consent(&other.url, BO, Value::Null).await["code"].clone();
    let injected = stage.finish(&brought, &one.browser).await;
    assert_eq!(
        reason(injected),
        "OAUTH_STATE_INVALID",
        "its verifier is another"
    );
}

#[tokio::test]
async fn disconnecting_gives_the_consent_back_and_forgets_everything() {
    let stage = Stage::start().await;
    stage
        .google
        .add(ADA, "2026-12-02T10:00:00Z", "2026-12-02T11:00:00Z")
        .await;
    stage.connect(&stage.acme, ADA).await;
    assert_eq!(stage.desk.count("booking.calendar_busy").await, 1);
    let disconnect = |provider: &str| {
        let message = proto::DisconnectRequest {
            provider_id: provider.to_owned(),
        };
        stage.desk.ask(&stage.acme.tenant, message)
    };
    for _ in 0..2 {
        let request = disconnect(&stage.acme.provider);
        stage.desk.calendars().disconnect(request).await.unwrap();
    }
    assert_eq!(stage.calendar(&stage.acme).await.state, "none");
    assert!(stage.vault.names(stage.acme.tenant.org()).is_empty());
    assert_eq!(stage.google.connections(ADA).await["consents"], false);
    for table in [
        "booking.calendar",
        "booking.calendar_busy",
        "booking.calendar_event",
    ] {
        assert_eq!(stage.desk.count(table).await, 0, "{table}");
    }
    assert!(stage.is_offered(&stage.acme, "2026-12-02T10:00:00Z").await);
}

#[tokio::test]
async fn a_strangers_provider_is_unknown() {
    let stage = Stage::start().await;
    stage.connect(&stage.globex, BO).await;
    let provider = &stage.globex.provider;
    let asked = stage.ask(&stage.acme.tenant, provider).await;
    assert_eq!(reason(asked), "PROVIDER_NOT_FOUND");
    let message = proto::DisconnectRequest {
        provider_id: provider.clone(),
    };
    let request = stage.desk.ask(&stage.acme.tenant, message);
    let refused = stage
        .desk
        .calendars()
        .disconnect(request)
        .await
        .unwrap_err();
    assert_eq!(Problem::from(refused).kind, Kind::NotFound);
    let message = proto::UpdateCalendarRequest {
        provider_id: provider.clone(),
        ..Default::default()
    };
    let request = stage.desk.ask(&stage.acme.tenant, message);
    let refused = stage
        .desk
        .calendars()
        .update_calendar(request)
        .await
        .unwrap_err();
    assert_eq!(Problem::from(refused).reason, "PROVIDER_NOT_FOUND");
    assert_eq!(stage.calendar(&stage.globex).await.state, "connected");
}

#[tokio::test]
async fn without_an_application_at_google_the_feature_says_so() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    let clinic = desk.clinic(&acme).await;
    let message = proto::StartConnectRequest {
        provider_id: clinic.provider,
    };
    let refused = desk
        .calendars()
        .start_connect(desk.ask(&acme, message))
        .await;
    assert_eq!(Problem::from(refused.unwrap_err()).reason, "NOT_CONFIGURED");
    let message = proto::ListCalendarsRequest::default();
    let listed = desk
        .calendars()
        .list_calendars(desk.ask(&acme, message))
        .await;
    assert_eq!(listed.unwrap().into_inner().calendars[0].state, "none");
}

#[tokio::test]
async fn the_gateways_rpcs_are_for_nobody_else() {
    let stage = Stage::start().await;
    let tenant = staff(OrgId::new());
    let request = stage.desk.ask(&tenant, proto::RingRequest::default());
    let refused = stage.desk.calendars().ring(request).await.unwrap_err();
    assert_eq!(Problem::from(refused).reason, "NOT_SYSTEM");
    let request = stage.desk.ask(&tenant, proto::ReadFeedRequest::default());
    let refused = stage.desk.calendars().read_feed(request).await.unwrap_err();
    assert_eq!(Problem::from(refused).reason, "NOT_SYSTEM");
}

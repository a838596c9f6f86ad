//! Whether a clinic's account works, asked of Twilio itself.

use voxanne_ids::{SessionId, UserId};
use voxanne_problem::Problem;
use voxanne_proto::{
    identity::v1::OpenCredentialResponse,
    notification::v1::{TestCredentialRequest, TestOutcome},
};
use voxanne_tenant::{Caller, Role, Tenant};

use crate::{
    stage::{Stage, acting},
    twilio::{ACME, GLOBEX, credential},
};

fn member(tenant: &Tenant, role: Role) -> Tenant {
    let caller = Caller::User {
        id: UserId::new(),
        role,
        session: SessionId::new(),
    };
    acting(tenant.org(), caller)
}

async fn test(
    stage: &Stage,
    tenant: &Tenant,
    provider: &str,
) -> Result<(TestOutcome, String), Problem> {
    let message = TestCredentialRequest {
        provider: provider.to_owned(),
    };
    let request = stage.request(tenant, message);
    let said = stage.tests().test_credential(request).await?.into_inner();
    Ok((said.outcome(), said.words))
}

fn with(change: impl FnOnce(&mut OpenCredentialResponse)) -> OpenCredentialResponse {
    let mut credential = credential(ACME);
    change(&mut credential);
    credential
}

fn put(map: &mut std::collections::HashMap<String, String>, name: &str, value: &str) {
    map.insert(name.to_owned(), value.to_owned());
}

fn accounts() -> Vec<(OpenCredentialResponse, TestOutcome, &'static str)> {
    vec![
        (credential(ACME), TestOutcome::Accepted, "accepts"),
        (
            with(|it| {
                put(
                    &mut it.secrets,
                    "authToken",
                    "another-token-of-32-characters-x",
                );
            }),
            TestOutcome::Rejected,
            "refuses the clinic's credentials",
        ),
        (
            // The account is right, and the key that would send is not.
            with(|it| {
                put(
                    &mut it.secrets,
                    "apiKeySid",
                    "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                );
                put(&mut it.secrets, "apiKeySecret", "of-no-key");
            }),
            TestOutcome::Rejected,
            "refuses the clinic's credentials",
        ),
        (
            with(|it| it.external_id = GLOBEX.to_owned()),
            TestOutcome::Rejected,
            "refuses the clinic's credentials",
        ),
    ]
}

fn senders() -> Vec<(OpenCredentialResponse, TestOutcome, &'static str)> {
    vec![
        (
            with(|it| {
                put(&mut it.settings, "from", "+15005550016");
            }),
            TestOutcome::Rejected,
            "does not own its sender number",
        ),
        (
            with(|it| {
                put(&mut it.settings, "from", "12345");
            }),
            TestOutcome::Rejected,
            "does not own its sender number",
        ),
        (
            with(|it| {
                put(&mut it.settings, "from", "Acme");
            }),
            TestOutcome::Accepted,
            "names are not checked",
        ),
        (
            with(|it| {
                let service = "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
                put(&mut it.settings, "messagingServiceSid", service);
            }),
            TestOutcome::Rejected,
            "does not own its sender number",
        ),
    ]
}

/// What is stored, what Twilio says to it, and a part of the words for it.
fn cases() -> Vec<(OpenCredentialResponse, TestOutcome, &'static str)> {
    let mut cases = accounts();
    cases.extend(senders());
    cases
}

#[tokio::test]
async fn twilio_says_whether_it_accepts_an_account_and_its_sender() {
    let (stage, _twilio) = Stage::start().await;
    let owner = member(&stage.acme, Role::Owner);
    for (stored, expected, part) in cases() {
        stage.upstreams.connect(stage.acme.org(), stored);
        let (outcome, words) = test(&stage, &owner, "twilio").await.unwrap();
        assert_eq!(outcome, expected, "{words}");
        assert!(words.contains(part), "{words}");
        let accepted = expected == TestOutcome::Accepted;
        let noted = stage.upstreams.tested().pop();
        let asked = owner.caller().to_string();
        assert_eq!(noted, Some((stage.acme.org(), asked, 1, accepted)));
    }
}

#[tokio::test]
async fn no_answer_of_twilios_changes_nothing() {
    let (stage, twilio) = Stage::start().await;
    let owner = member(&stage.acme, Role::Owner);
    for fault in ["error", "rate_limited", "down", "slow"] {
        twilio.fault(fault, Some(1)).await;
        let (outcome, words) = test(&stage, &owner, "twilio").await.unwrap();
        assert_eq!(outcome, TestOutcome::Unavailable, "{fault}: {words}");
    }
    assert_eq!(stage.upstreams.tested(), []);
}

#[tokio::test]
async fn only_those_who_connect_accounts_test_them() {
    let (stage, _twilio) = Stage::start().await;
    for (role, expected) in [
        (Role::Admin, None),
        (Role::Staff, Some("ROLE_INSUFFICIENT")),
        (Role::Provider, Some("ROLE_INSUFFICIENT")),
        (Role::Auditor, Some("ROLE_INSUFFICIENT")),
    ] {
        let outcome = test(&stage, &member(&stage.acme, role), "twilio").await;
        let reason = outcome.err().map(|problem| problem.reason.into_owned());
        assert_eq!(reason.as_deref(), expected, "{role:?}");
    }
    let globex = member(&stage.globex, Role::Owner);
    test(&stage, &globex, "twilio").await.unwrap();
    let orgs: Vec<_> = stage.upstreams.tested().iter().map(|one| one.0).collect();
    assert_eq!(orgs, [stage.acme.org(), stage.globex.org()]);
}

#[tokio::test]
async fn what_cannot_be_tested_says_so() {
    let (stage, _twilio) = Stage::start().await;
    let stranger = acting(
        voxanne_ids::OrgId::new(),
        member(&stage.acme, Role::Owner).caller().clone(),
    );
    for (tenant, provider, reason) in [
        (
            &member(&stage.acme, Role::Owner),
            "google",
            "TEST_NOT_SUPPORTED",
        ),
        (&member(&stage.acme, Role::Owner), "pigeon", "INVALID"),
        (&stranger, "twilio", "CREDENTIAL_NOT_FOUND"),
    ] {
        let refused = test(&stage, tenant, provider).await.unwrap_err();
        assert_eq!(refused.reason, reason);
    }
    assert_eq!(stage.upstreams.tested(), []);
}

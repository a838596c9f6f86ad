use std::collections::HashMap;

use voxanne_problem::Problem;
use voxanne_proto::identity::v1::{
    Credential, DeleteCredentialRequest, FindWebhookSecretsRequest, GetCredentialRequest,
    OpenCredentialRequest, OpenCredentialResponse, PutCredentialRequest, WebhookSecret,
};
use voxanne_tenant::{Role, Tenant};

use crate::fixture::{ACCOUNT, Fixture, TOKEN, answer, colleague, reason};

pub(crate) fn twilio(token: &str, from: &str) -> PutCredentialRequest {
    PutCredentialRequest {
        provider: "twilio".into(),
        external_id: ACCOUNT.into(),
        secrets: HashMap::from([("authToken".into(), token.into())]),
        settings: HashMap::from([("from".into(), from.into())]),
    }
}

pub(crate) async fn put(
    fixture: &Fixture,
    tenant: &Tenant,
    token: &str,
) -> Result<Credential, Box<Problem>> {
    let request = fixture.within(tenant, twilio(token, "+15551234567"));
    let stored = answer(fixture.client().put_credential(request).await)?;
    Ok(stored.credential.expect("a credential"))
}

pub(crate) async fn get(fixture: &Fixture, tenant: &Tenant) -> Result<Credential, Box<Problem>> {
    let message = GetCredentialRequest {
        provider: "twilio".into(),
    };
    let shown = answer(
        fixture
            .client()
            .get_credential(fixture.within(tenant, message))
            .await,
    )?;
    Ok(shown.credential.expect("a credential"))
}

pub(crate) async fn open(
    fixture: &Fixture,
    tenant: &Tenant,
) -> Result<OpenCredentialResponse, Box<Problem>> {
    let message = OpenCredentialRequest {
        provider: "twilio".into(),
    };
    answer(
        fixture
            .client()
            .open_credential(fixture.within(tenant, message))
            .await,
    )
}

pub(crate) async fn delete(fixture: &Fixture, tenant: &Tenant) -> Result<(), Box<Problem>> {
    let message = DeleteCredentialRequest {
        provider: "twilio".into(),
    };
    answer(
        fixture
            .client()
            .delete_credential(fixture.within(tenant, message))
            .await,
    )
    .map(drop)
}

pub(crate) async fn webhook_secrets(fixture: &Fixture, account: &str) -> Vec<WebhookSecret> {
    let message = FindWebhookSecretsRequest {
        provider: "twilio".into(),
        external_id: account.into(),
    };
    let found = answer(
        fixture
            .client()
            .find_webhook_secrets(fixture.system(message))
            .await,
    );
    found.expect("the gateway may ask").secrets
}

pub(crate) fn job(tenant: &Tenant) -> Tenant {
    Tenant::for_job(tenant.org(), "messages")
}

#[tokio::test]
async fn what_is_stored_is_shown_without_its_secret() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let before = get(&fixture, &owner).await.unwrap();
    assert_eq!((before.configured, &*before.status), (false, "missing"));
    let stored = put(&fixture, &owner, TOKEN).await.unwrap();
    assert_eq!(get(&fixture, &owner).await.unwrap(), stored);
    assert_eq!((stored.configured, &*stored.status), (true, "unverified"));
    assert_eq!(
        (&*stored.external_id, &*stored.last_four),
        (ACCOUNT, "cdef")
    );
    assert_eq!(stored.settings["from"], "+15551234567");
    assert_eq!(stored.last_verified_at, None);
}

#[tokio::test]
async fn a_job_of_the_organisation_gets_the_secrets() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    let opened = open(&fixture, &job(&owner)).await.unwrap();
    assert_eq!(opened.external_id, ACCOUNT);
    assert_eq!(
        opened.secrets,
        HashMap::from([("authToken".into(), TOKEN.into())])
    );
    assert_eq!(opened.settings["from"], "+15551234567");
    assert_eq!(reason(open(&fixture, &owner).await), "CALLER_NOT_ALLOWED");
}

#[tokio::test]
async fn every_change_gets_a_new_version() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let mut versions = Vec::new();
    for token in [TOKEN, "fedcba9876543210fedcba9876543210"] {
        put(&fixture, &owner, token).await.unwrap();
        versions.push(open(&fixture, &job(&owner)).await.unwrap().version);
    }
    delete(&fixture, &owner).await.unwrap();
    put(&fixture, &owner, TOKEN).await.unwrap();
    versions.push(open(&fixture, &job(&owner)).await.unwrap().version);
    assert!(
        versions.is_sorted_by(|earlier, later| earlier < later),
        "{versions:?}"
    );
}

#[tokio::test]
async fn replacing_credentials_leaves_no_earlier_secret() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let mut with_key = twilio(TOKEN, "+15551234567");
    with_key.secrets.insert(
        "apiKeySid".into(),
        "SK0123456789abcdef0123456789abcdef".into(),
    );
    with_key
        .secrets
        .insert("apiKeySecret".into(), "a secret is long".replace(' ', "-"));
    let mut client = fixture.client();
    answer(
        client
            .put_credential(fixture.within(&owner, with_key))
            .await,
    )
    .unwrap();
    assert_eq!(open(&fixture, &job(&owner)).await.unwrap().secrets.len(), 3);
    put(&fixture, &owner, TOKEN).await.unwrap();
    assert_eq!(open(&fixture, &job(&owner)).await.unwrap().secrets.len(), 1);
}

#[tokio::test]
async fn deleting_is_final_and_may_be_repeated() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    for _ in 0..2 {
        delete(&fixture, &owner).await.unwrap();
        assert_eq!(get(&fixture, &owner).await.unwrap().status, "missing");
        assert_eq!(
            reason(open(&fixture, &job(&owner)).await),
            "CREDENTIAL_NOT_FOUND"
        );
    }
    assert_eq!(webhook_secrets(&fixture, ACCOUNT).await, []);
}

#[tokio::test]
async fn only_those_who_set_the_clinic_up_change_it() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    for (role, changes, reads) in [
        (Role::Admin, "OK", "OK"),
        (Role::Staff, "ROLE_INSUFFICIENT", "ROLE_INSUFFICIENT"),
        (Role::Provider, "ROLE_INSUFFICIENT", "ROLE_INSUFFICIENT"),
        (Role::Auditor, "ROLE_INSUFFICIENT", "OK"),
    ] {
        let tenant = colleague(&owner, role);
        assert_eq!(
            reason(put(&fixture, &tenant, TOKEN).await),
            changes,
            "{role:?}"
        );
        assert_eq!(reason(get(&fixture, &tenant).await), reads, "{role:?}");
        assert_eq!(reason(delete(&fixture, &tenant).await), changes, "{role:?}");
    }
}

#[tokio::test]
async fn a_webhook_finds_every_organisation_of_its_account() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("lee@acme.example").await.tenant;
    let globex = fixture.owner("kim@globex.example").await.tenant;
    put(&fixture, &acme, TOKEN).await.unwrap();
    put(&fixture, &globex, "fedcba9876543210fedcba9876543210")
        .await
        .unwrap();
    let mut found = webhook_secrets(&fixture, ACCOUNT).await;
    found.sort_by(|one, other| one.org_id.cmp(&other.org_id));
    assert_eq!(found.len(), 2);
    assert_eq!(
        (&*found[0].org_id, &*found[0].secret),
        (&*acme.org().to_string(), TOKEN)
    );
    assert_eq!(found[1].org_id, globex.org().to_string());
    assert_eq!(
        webhook_secrets(&fixture, "ACffffffffffffffffffffffffffffffff").await,
        []
    );
    let message = FindWebhookSecretsRequest {
        provider: "twilio".into(),
        external_id: ACCOUNT.into(),
    };
    let elsewhere = fixture.system_of("booking", message);
    let refused = answer(fixture.client().find_webhook_secrets(elsewhere).await);
    assert_eq!(reason(refused), "CALLER_NOT_ALLOWED");
}

#[tokio::test]
async fn bad_fields_are_named() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let mut client = fixture.client();
    let bad = PutCredentialRequest {
        external_id: "nonsense".into(),
        ..twilio("", "x!")
    };
    let refused = answer(client.put_credential(fixture.within(&owner, bad)).await).unwrap_err();
    let mut fields: Vec<_> = refused.violations.iter().map(|one| &*one.field).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["accountSid", "authToken", "from"]);
    let unknown = GetCredentialRequest {
        provider: "carrier-pigeon".into(),
    };
    let refused = answer(client.get_credential(fixture.within(&owner, unknown)).await).unwrap_err();
    assert_eq!(refused.violations[0].field, "provider");
}

//! Another organisation's caller gets exactly what a caller of an empty one gets.

use std::collections::HashMap;

use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, PgConnection};
use voxanne_proto::identity::v1::{
    DeleteCredentialRequest, GetCredentialRequest, GetOrgRequest, GetSessionRequest, LogoutRequest,
    OpenCredentialRequest, PutCredentialRequest,
};
use voxanne_tenant::{Caller, Role, Tenant};
use voxanne_testkit::two_orgs;

use crate::{
    credentials::webhook_secrets,
    fixture::{ACCOUNT, Fixture, TOKEN, answer, member, reason},
};

fn twilio() -> PutCredentialRequest {
    PutCredentialRequest {
        provider: "twilio".into(),
        external_id: ACCOUNT.into(),
        secrets: HashMap::from([("authToken".into(), TOKEN.into())]),
        settings: HashMap::from([("from".into(), "+15551234567".into())]),
    }
}

#[tokio::test]
async fn a_stranger_with_a_members_ids_gets_what_anybody_gets() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("lee@acme.example").await;
    let globex = fixture.owner("kim@globex.example").await;
    let mut client = fixture.client();
    answer(
        client
            .put_credential(fixture.within(&acme.tenant, twilio()))
            .await,
    )
    .unwrap();

    // Globex's organisation with Acme's user and session.
    let Caller::User { id, .. } = acme.tenant.caller() else {
        panic!("a user")
    };
    let intruder = member(globex.tenant.org(), *id, acme.session, Role::Owner);
    let shown = client
        .get_session(fixture.within(&intruder, GetSessionRequest {}))
        .await;
    assert_eq!(reason(answer(shown)), "SESSION_REVOKED");
    answer(
        client
            .logout(fixture.within(&intruder, LogoutRequest {}))
            .await,
    )
    .unwrap();
    let own = client
        .get_session(fixture.within(&acme.tenant, GetSessionRequest {}))
        .await;
    assert_eq!(reason(answer(own)), "OK", "nobody else can end the session");

    let message = GetCredentialRequest {
        provider: "twilio".into(),
    };
    let shown = client
        .get_credential(fixture.within(&intruder, message))
        .await;
    assert_eq!(answer(shown).unwrap().credential.unwrap().status, "missing");
    let message = DeleteCredentialRequest {
        provider: "twilio".into(),
    };
    answer(
        client
            .delete_credential(fixture.within(&intruder, message))
            .await,
    )
    .unwrap();
    let message = OpenCredentialRequest {
        provider: "twilio".into(),
    };
    let job = Tenant::for_job(globex.tenant.org(), "messages");
    let opened = client
        .open_credential(fixture.within(&job, message.clone()))
        .await;
    assert_eq!(reason(answer(opened)), "CREDENTIAL_NOT_FOUND");
    let job = Tenant::for_job(acme.tenant.org(), "messages");
    let opened = client.open_credential(fixture.within(&job, message)).await;
    assert_eq!(
        reason(answer(opened)),
        "OK",
        "nobody else can delete the credential"
    );
}

#[tokio::test]
async fn latecomers_with_an_owners_account_do_not_crowd_it_out() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("lee@acme.example").await.tenant;
    let mut client = fixture.client();
    answer(client.put_credential(fixture.within(&acme, twilio())).await).unwrap();
    fixture.clock.set("2026-03-02T10:00:00Z".parse().unwrap());
    for number in 0..33 {
        let intruder = fixture.owner(&format!("{number}@intruder.example")).await;
        let stored = fixture.within(&intruder.tenant, twilio());
        answer(client.put_credential(stored).await).unwrap();
    }
    let found = webhook_secrets(&fixture, ACCOUNT).await;
    assert_eq!(found.len(), 32);
    assert_eq!(found[0].org_id, acme.org().to_string());
}

#[tokio::test]
async fn a_call_without_a_signed_context_is_refused() {
    let fixture = Fixture::start().await;
    let status = fixture
        .client()
        .get_org(GetOrgRequest {})
        .await
        .unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unauthenticated);
    let (tenant, _) = two_orgs();
    let system = fixture
        .client()
        .get_jwks(fixture.within(&tenant, Default::default()))
        .await;
    assert_eq!(reason(answer(system)), "NOT_SYSTEM");
    let tenantless = fixture
        .client()
        .get_org(fixture.system(GetOrgRequest {}))
        .await;
    assert_eq!(reason(answer(tenantless)), "NO_TENANT");
}

/// Behind the service's back, as its own database role.
#[tokio::test]
async fn the_database_shows_the_service_one_organisation() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("lee@acme.example").await.tenant;
    fixture.owner("kim@globex.example").await;
    let url = fixture.database.url("identity");
    let mut service = PgConnection::connect(url.expose_secret()).await.unwrap();
    let tables = [
        "organization",
        "member",
        "user_account",
        "session",
        "refresh_token",
    ];
    for table in tables {
        let count = || sqlx::AssertSqlSafe(format!("SELECT count(*) FROM identity.{table}"));
        let unscoped: Result<i64, _> = sqlx::query_scalar(count()).fetch_one(&mut service).await;
        assert!(unscoped.is_err(), "{table} answers without an organisation");
        let mut scoped = service.begin().await.unwrap();
        sqlx::query("SELECT set_config('app.org_id', $1, true)")
            .bind(acme.org().as_uuid().to_string())
            .execute(&mut *scoped)
            .await
            .unwrap();
        let seen: i64 = sqlx::query_scalar(count())
            .fetch_one(&mut *scoped)
            .await
            .unwrap();
        assert_eq!(seen, 1, "{table}");
        scoped.rollback().await.unwrap();
    }
    let hash: Result<String, _> =
        sqlx::query_scalar("SELECT password_hash FROM identity.user_account")
            .fetch_one(&mut service)
            .await;
    assert!(hash.unwrap_err().to_string().contains("permission denied"));
}

//! What a provider said to its credentials.

use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::RecordTestRequest;
use voxanne_tenant::{Role, Tenant};

use crate::{
    credentials::{delete, get, job, open, put},
    fixture::{Fixture, TOKEN, answer, colleague, reason},
};

pub(crate) async fn record(
    fixture: &Fixture,
    tenant: &Tenant,
    version: i64,
    accepted: bool,
) -> Result<(), Box<Problem>> {
    let message = RecordTestRequest {
        provider: "twilio".into(),
        version,
        accepted,
    };
    let request = fixture.within(tenant, message);
    answer(fixture.credentials().record_test(request).await).map(drop)
}

#[tokio::test]
async fn what_the_provider_said_is_shown_until_the_credential_changes() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    let job = job(&owner);
    let version = open(&fixture, &job).await.unwrap().version;
    for (accepted, status) in [(true, "ok"), (false, "rejected"), (true, "ok")] {
        record(&fixture, &owner, version, accepted).await.unwrap();
        let shown = get(&fixture, &owner).await.unwrap();
        assert_eq!(shown.status, status);
        let at = voxanne_clock::to_proto(fixture.clock.now());
        assert_eq!(shown.last_verified_at, Some(at));
    }
    put(&fixture, &owner, TOKEN).await.unwrap();
    let shown = get(&fixture, &owner).await.unwrap();
    assert_eq!(
        (&*shown.status, shown.last_verified_at),
        ("unverified", None)
    );
    let late = record(&fixture, &owner, version, true).await;
    assert_eq!(reason(late), "CREDENTIAL_CHANGED");
    assert_eq!(get(&fixture, &owner).await.unwrap().status, "unverified");
    delete(&fixture, &owner).await.unwrap();
    let gone = record(&fixture, &owner, version, true).await;
    assert_eq!(reason(gone), "CREDENTIAL_NOT_FOUND");
}

#[tokio::test]
async fn it_is_said_in_the_name_of_a_member_who_may_connect_accounts() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("lee@acme.example").await.tenant;
    let globex = fixture.owner("kim@globex.example").await.tenant;
    put(&fixture, &acme, TOKEN).await.unwrap();
    let version = open(&fixture, &job(&acme)).await.unwrap().version;
    for tenant in [&job(&acme), &colleague(&acme, Role::Staff)] {
        let refused = record(&fixture, tenant, version, true).await;
        assert_eq!(reason(refused), "ROLE_INSUFFICIENT", "{}", tenant.caller());
    }
    let stranger = record(&fixture, &globex, version, true).await;
    assert_eq!(reason(stranger), "CREDENTIAL_NOT_FOUND");
    assert_eq!(get(&fixture, &acme).await.unwrap().status, "unverified");
    let admin = colleague(&acme, Role::Admin);
    record(&fixture, &admin, version, true).await.unwrap();
    let mut owner = fixture.database.owner().await;
    let noted: Vec<(OrgId, String)> =
        sqlx::query_as("SELECT org_id, caller FROM audit.entry WHERE action = 'credential.tested'")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    assert_eq!(noted, [(acme.org(), admin.caller().to_string())]);
}

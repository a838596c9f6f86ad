//! What people whose time is booked let their clinic do with their own Google accounts.

use std::collections::HashMap;

use voxanne_ids::{OrgId, ProviderId};
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::{
    DeleteCredentialRequest, OpenCredentialRequest, OpenCredentialResponse, PutCredentialRequest,
};
use voxanne_tenant::Tenant;

use crate::fixture::{Fixture, answer, reason};

fn name(person: ProviderId) -> String {
    format!("google:{}", person.as_uuid().simple())
}

async fn put(
    fixture: &Fixture,
    tenant: &Tenant,
    person: ProviderId,
    token: &str,
) -> Result<(), Box<Problem>> {
    let message = PutCredentialRequest {
        provider: name(person),
        external_id: "primary".into(),
        secrets: HashMap::from([("refreshToken".into(), token.into())]),
        settings: HashMap::new(),
    };
    let request = fixture.within(tenant, message);
    answer(fixture.client().put_credential(request).await).map(drop)
}

async fn open(
    fixture: &Fixture,
    tenant: &Tenant,
    person: ProviderId,
) -> Result<OpenCredentialResponse, Box<Problem>> {
    let message = OpenCredentialRequest {
        provider: name(person),
    };
    let request = fixture.within(tenant, message);
    answer(fixture.client().open_credential(request).await)
}

async fn delete(
    fixture: &Fixture,
    tenant: &Tenant,
    person: ProviderId,
) -> Result<(), Box<Problem>> {
    let message = DeleteCredentialRequest {
        provider: name(person),
    };
    let request = fixture.within(tenant, message);
    answer(fixture.client().delete_credential(request).await).map(drop)
}

fn job(org: OrgId) -> Tenant {
    Tenant::for_job(org, "booking.calendars")
}

#[tokio::test]
async fn each_person_of_each_clinic_has_a_token_of_their_own() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("ada@acme.example").await.tenant;
    let globex = fixture.owner("bo@globex.example").await.tenant;
    let (ada, bo) = (ProviderId::new(), ProviderId::new());
    let (at_acme, at_globex) = (job(acme.org()), job(globex.org()));
    for (clinic, person, token) in [
        (&at_acme, ada, "1//token-of-ada"),
        (&at_acme, bo, "1//token-of-bo"),
        (&at_globex, ada, "1//token-elsewhere"),
    ] {
        put(&fixture, clinic, person, token).await.unwrap();
    }
    for (clinic, person, token) in [
        (&at_acme, ada, Some("1//token-of-ada")),
        (&at_acme, bo, Some("1//token-of-bo")),
        (&at_globex, ada, Some("1//token-elsewhere")),
        (&at_globex, bo, None),
    ] {
        let opened = open(&fixture, clinic, person).await;
        let found = opened
            .as_ref()
            .ok()
            .map(|one| &*one.secrets["refreshToken"]);
        assert_eq!(found, token);
    }
    delete(&fixture, &at_acme, ada).await.unwrap();
    assert!(open(&fixture, &at_acme, ada).await.is_err());
    assert!(open(&fixture, &at_acme, bo).await.is_ok());
    assert!(open(&fixture, &at_globex, ada).await.is_ok());
}

#[tokio::test]
async fn no_member_stores_or_opens_or_deletes_one() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("ada@acme.example").await.tenant;
    let person = ProviderId::new();
    let at_work = job(owner.org());
    put(&fixture, &at_work, person, "1//token-of-ada")
        .await
        .unwrap();
    for refused in [
        put(&fixture, &owner, person, "1//another")
            .await
            .unwrap_err(),
        open(&fixture, &owner, person).await.unwrap_err(),
        delete(&fixture, &owner, person).await.unwrap_err(),
    ] {
        assert_eq!(refused.reason, "CALLER_NOT_ALLOWED");
    }
    let opened = open(&fixture, &at_work, person).await.unwrap();
    assert_eq!(opened.secrets["refreshToken"], "1//token-of-ada");
    let elsewhere = open(&fixture, &job(OrgId::new()), person).await;
    assert_eq!(reason(elsewhere), "CREDENTIAL_NOT_FOUND");
}

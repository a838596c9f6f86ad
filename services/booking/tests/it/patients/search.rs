//! Looking for a patient.

use voxanne_ids::{SessionId, UserId};
use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::{Caller, Role, Tenant};
use voxanne_testkit::two_orgs;

use super::{PHONE, person, reason};
use crate::desk::Desk;

async fn names(
    desk: &Desk,
    tenant: &Tenant,
    request: proto::ListPatientsRequest,
) -> Result<Vec<String>, Problem> {
    let answer = desk
        .clinics()
        .list_patients(desk.ask(tenant, request))
        .await?;
    let patients = answer.into_inner().patients.into_iter();
    Ok(patients.map(|one| one.name).collect())
}

fn wanted(query: &str, phone: &str) -> proto::ListPatientsRequest {
    proto::ListPatientsRequest {
        query: query.into(),
        phone: phone.into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_search_is_by_number_or_by_part_of_a_name() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    desk.clinic(&acme).await;
    let new = proto::CreatePatientRequest {
        further_phones: vec!["+14155550188".into()],
        ..person("Sinéad O'Brien", PHONE, "")
    };
    desk.add(&acme, new).await.unwrap();
    for name in ["Jörg Müller", "Jürgen Mueller"] {
        desk.add(&acme, person(name, "+14155550188", ""))
            .await
            .unwrap();
    }
    desk.add(&globex, person("Sinéad O'Brien", PHONE, ""))
        .await
        .unwrap();
    for (query, phone, found) in [
        (
            "",
            "",
            vec!["Sinéad O'Brien", "Jörg Müller", "Jürgen Mueller"],
        ),
        ("obrien", "", vec!["Sinéad O'Brien"]),
        ("SINEAD o", "", vec!["Sinéad O'Brien"]),
        ("müll", "", vec!["Jörg Müller"]),
        (
            "",
            "(415) 555-0188",
            vec!["Sinéad O'Brien", "Jörg Müller", "Jürgen Mueller"],
        ),
        ("j", PHONE, vec![]),
        ("%", "", vec![]),
        ("_", "", vec![]),
        ("nobody", "", vec![]),
    ] {
        let listed = names(&desk, &acme, wanted(query, phone)).await.unwrap();
        assert_eq!(listed, found, "{query} {phone}");
    }
    let refused = names(&desk, &acme, wanted("", "call me")).await;
    assert_eq!(reason(refused), "INVALID");
    let refused = names(&desk, &acme, wanted(&"x".repeat(121), "")).await;
    assert_eq!(reason(refused), "INVALID");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "tests stand in for the gateway")]
async fn who_only_reads_and_who_only_calls_search_for_nobody() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    desk.clinic(&acme).await;
    let ada = desk.add(&acme, person("Ada", PHONE, "")).await.unwrap();
    let eve = desk.add(&acme, person("Eve", PHONE, "")).await.unwrap();
    let acting = |caller| Tenant::authenticated(acme.org(), caller, "test");
    let auditor = Caller::User {
        id: UserId::new(),
        role: Role::Auditor,
        session: SessionId::new(),
    };
    for caller in [
        auditor,
        Caller::Call("call".into()),
        Caller::Webhook("twilio".into()),
    ] {
        let tenant = acting(caller);
        let found = names(&desk, &tenant, wanted("ada", "")).await;
        assert_eq!(reason(found), "ROLE_INSUFFICIENT", "{:?}", tenant.caller());
        let merged = desk.merge(&tenant, (&ada.id, &eve.id)).await;
        assert_eq!(reason(merged), "ROLE_INSUFFICIENT", "{:?}", tenant.caller());
        let erased = desk.erase(&tenant, &ada.id).await;
        assert_eq!(reason(erased), "ROLE_INSUFFICIENT", "{:?}", tenant.caller());
    }
}

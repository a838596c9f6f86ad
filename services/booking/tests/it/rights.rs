//! What roles may do.
#![expect(clippy::disallowed_methods, reason = "tests stand in for the gateway")]

use voxanne_ids::{SessionId, UserId};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::{Caller, Role, Tenant};
use voxanne_testkit::two_orgs;

use crate::desk::{Desk, TEN};

#[tokio::test]
async fn an_auditor_only_reads_and_staff_does_not_change_the_clinic() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let acting = |caller| Tenant::authenticated(clinic.tenant.org(), caller, "test");
    let member = |role| {
        acting(Caller::User {
            id: UserId::new(),
            role,
            session: SessionId::new(),
        })
    };
    for (place, (tenant, books, administers)) in [
        (member(Role::Owner), true, true),
        (member(Role::Admin), true, true),
        (member(Role::Staff), true, false),
        (member(Role::Provider), true, false),
        (member(Role::Auditor), false, false),
        (acting(Caller::Call("call-1".into())), true, false),
        (acting(Caller::Webhook("twilio".into())), true, false),
        (acting(Caller::Job("test".into())), true, true),
    ]
    .into_iter()
    .enumerate()
    {
        let start = TEN.replace("10:00", &format!("{:02}:00", 9 + place));
        let start = start.replace("17:00", "16:30");
        let booked = desk
            .book(&tenant, clinic.booking(&start, "+14155550123"))
            .await;
        let new = proto::CreateProviderRequest {
            name: "Dr. Who".into(),
            ..Default::default()
        };
        let created = desk.clinics().create_provider(desk.ask(&tenant, new)).await;
        assert_eq!(booked.is_ok(), books, "{:?}", tenant.caller());
        assert_eq!(created.is_ok(), administers, "{:?}", tenant.caller());
        let refused = booked.err().or(created.err().map(Problem::from));
        if let Some(problem) = refused {
            assert_eq!(
                (problem.kind, &*problem.reason),
                (Kind::Forbidden, "ROLE_INSUFFICIENT")
            );
        }
        let get = proto::GetProviderRequest {
            id: clinic.provider.clone(),
        };
        desk.clinics()
            .get_provider(desk.ask(&tenant, get))
            .await
            .expect("everyone reads");
    }
}

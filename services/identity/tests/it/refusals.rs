//! What was refused is in the log of those it concerns, once in a while.

use uuid::Uuid;
use voxanne_ids::{OrgId, UserId};
use voxanne_proto::identity::v1::{
    NoteRefusalRequest, refusal_service_client::RefusalServiceClient,
    remove_second_factor_request::Proof,
};
use voxanne_tenant::{Caller, Tenant};
use voxanne_testkit::eventually;

use crate::{
    account::{NEW, change},
    fixture::{Fixture, PASSWORD, answer, reason},
    second_factor::{challenge, enrol, enter, remove},
};

const LEE: &str = "lee@acme.example";
const KIM: &str = "kim@globex.example";

/// Caller, action and record of every entry about a refusal, waiting for the newest to be `last`.
async fn refused(fixture: &Fixture, org: OrgId, last: &str) -> Vec<(String, String, Uuid)> {
    let entries = async || -> Vec<(String, String, Vec<Uuid>)> {
        let mut owner = fixture.database.owner().await;
        sqlx::query_as(
            "SELECT caller, action, records FROM audit.entry
             WHERE org_id = $1 AND action LIKE '%refused' ORDER BY seq",
        )
        .bind(org)
        .fetch_all(&mut owner)
        .await
        .unwrap()
    };
    eventually(&format!("{last} is noted"), || async {
        entries().await.last().is_some_and(|entry| entry.1 == last)
    })
    .await;
    let entries = entries().await.into_iter();
    entries
        .map(|(caller, action, records)| (caller, action, records[0]))
        .collect()
}

fn user(tenant: &Tenant) -> UserId {
    match tenant.caller() {
        Caller::User { id, .. } => *id,
        other => panic!("{other}"),
    }
}

/// As one entry, whoever it is that caused it.
fn entry(caller: impl ToString, action: &str, record: Uuid) -> (String, String, Uuid) {
    (caller.to_string(), action.to_owned(), record)
}

#[tokio::test]
async fn failed_logins_are_one_entry_in_every_clinic_of_the_account() {
    let fixture = Fixture::start().await;
    let lee = fixture.owner(LEE).await;
    let kim = fixture.owner(KIM).await;
    let mut owner = fixture.database.owner().await;
    sqlx::query("INSERT INTO identity.member VALUES ($1, $2, 'staff', now())")
        .bind(kim.tenant.org())
        .bind(user(&lee.tenant))
        .execute(&mut owner)
        .await
        .unwrap();
    for _ in 0..5 {
        let wrong = fixture.login(LEE, "wrong horse").await;
        assert_eq!(reason(wrong), "INVALID_CREDENTIALS");
        // Nobody's: there is no log to tell it.
        assert!(
            fixture
                .login("nobody@acme.example", PASSWORD)
                .await
                .is_err()
        );
    }
    assert!(fixture.login(LEE, PASSWORD).await.is_ok());
    // One after the other: what is noted of Kim follows whatever is noted of Lee.
    assert!(fixture.login(KIM, "wrong horse").await.is_err());
    let refusal = "user.login_refused";
    let (lees, kims) = (user(&lee.tenant).as_uuid(), user(&kim.tenant).as_uuid());
    eventually("Kim's is noted", || async {
        let noted = fixture.noted(kim.tenant.org(), refusal).await;
        noted.iter().any(|(_, records)| records == &[kims])
    })
    .await;
    let of_lee = entry("job:sign-in", refusal, lees);
    let of_kim = entry("job:sign-in", refusal, kims);
    let at_acme = refused(&fixture, lee.tenant.org(), refusal).await;
    assert_eq!(at_acme, std::slice::from_ref(&of_lee));
    let at_globex = refused(&fixture, kim.tenant.org(), refusal).await;
    assert_eq!(at_globex, [of_lee, of_kim]);
}

#[tokio::test]
async fn refused_codes_and_passwords_are_noted_for_the_account() {
    let fixture = Fixture::start().await;
    let lee = fixture.owner(LEE).await;
    enrol(&fixture, &lee).await;
    let (org, id) = (lee.tenant.org(), user(&lee.tenant).as_uuid());
    let waiting = challenge(&fixture).await;
    for _ in 0..3 {
        let wrong = enter(&fixture, &waiting, "000000").await;
        assert_eq!(reason(wrong), "WRONG_CODE");
    }
    refused(&fixture, org, "user.code_refused").await;
    for _ in 0..3 {
        let wrong = change(&fixture, &lee.tenant, ("wrong horse", NEW)).await;
        assert_eq!(reason(wrong), "INVALID_CREDENTIALS");
    }
    refused(&fixture, org, "user.password_refused").await;
    let wrong = remove(&fixture, &lee, Proof::Code("000000".into())).await;
    assert_eq!(wrong, "WRONG_CODE");
    let me = lee.tenant.caller();
    let expected = [
        entry("job:sign-in", "user.code_refused", id),
        entry(me, "user.password_refused", id),
        entry(me, "user.code_refused", id),
    ];
    assert_eq!(refused(&fixture, org, "user.code_refused").await, expected);
}

#[tokio::test]
async fn who_asks_for_another_organisation_is_noted_in_their_own() {
    let fixture = Fixture::start().await;
    let lee = fixture.owner(LEE).await.tenant;
    let kim = fixture.owner(KIM).await.tenant;
    let tell = async |tenant: &Tenant, named: String| {
        let mut client = RefusalServiceClient::new(fixture.running.channel());
        let message = NoteRefusalRequest { named };
        let told = client.note_refusal(fixture.within(tenant, message)).await;
        reason(answer(told))
    };
    // The first one names an organisation that is there, the next ones none at all.
    for named in [kim.org(), OrgId::new(), OrgId::new()] {
        assert_eq!(tell(&lee, named.to_string()).await, "OK");
    }
    assert_eq!(tell(&lee, "nonsense".to_owned()).await, "ORG_NOT_FOUND");
    assert_eq!(tell(&kim, lee.org().to_string()).await, "OK");
    let refusal = "org.entry_refused";
    let at_globex = refused(&fixture, kim.org(), refusal).await;
    let expected = [entry(kim.caller(), refusal, lee.org().as_uuid())];
    assert_eq!(at_globex, expected, "nothing of what Lee did");
    let at_acme = refused(&fixture, lee.org(), refusal).await;
    let expected = [entry(lee.caller(), refusal, kim.org().as_uuid())];
    assert_eq!(at_acme, expected);
}

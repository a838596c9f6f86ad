//! Passwords that are forgotten and changed, and addresses that are proven.

use jiff::SignedDuration;
use tonic::transport::Channel;
use voxanne_ids::{SessionId, UserId};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::identity::v1::{
    ChangePasswordRequest, ForgotPasswordRequest, GetSessionRequest, ResetPasswordRequest,
    SendVerificationRequest, VerifyEmailRequest, account_service_client::AccountServiceClient,
};
use voxanne_tenant::{Caller, Role, Tenant};

use crate::{
    fixture::{Fixture, Owner, PASSWORD, answer, member, reason},
    inbox::Inbox,
};

const LEE: &str = "lee@acme.example";
pub(crate) const NEW: &str = "another horse entirely";

pub(crate) fn account(fixture: &Fixture) -> AccountServiceClient<Channel> {
    AccountServiceClient::new(fixture.running.channel())
}

async fn forgot(fixture: &Fixture, email: &str) {
    let message = ForgotPasswordRequest {
        email: email.into(),
    };
    let request = fixture.system(message);
    answer(account(fixture).forgot_password(request).await).expect("one answer for all");
}

async fn reset(fixture: &Fixture, token: &str, password: &str) -> Result<(), Box<Problem>> {
    let message = ResetPasswordRequest {
        token: token.into(),
        password: password.into(),
    };
    let request = fixture.system(message);
    answer(account(fixture).reset_password(request).await).map(drop)
}

async fn verify(fixture: &Fixture, token: &str) -> Result<(), Box<Problem>> {
    let message = VerifyEmailRequest {
        token: token.into(),
    };
    answer(account(fixture).verify_email(fixture.system(message)).await).map(drop)
}

pub(crate) async fn change(
    fixture: &Fixture,
    tenant: &Tenant,
    (current, new): (&str, &str),
) -> Result<(), Box<Problem>> {
    let message = ChangePasswordRequest {
        current_password: current.into(),
        new_password: new.into(),
    };
    let request = fixture.within(tenant, message);
    answer(account(fixture).change_password(request).await).map(drop)
}

async fn is_signed_in(fixture: &Fixture, tenant: &Tenant) -> bool {
    let request = fixture.within(tenant, GetSessionRequest {});
    answer(fixture.client().get_session(request).await).is_ok()
}

/// Another session of `owner`.
async fn elsewhere(fixture: &Fixture, owner: &Owner) -> Tenant {
    let token = fixture.login(LEE, PASSWORD).await.unwrap();
    let refreshed = fixture.refresh(&token).await.unwrap();
    acting(fixture, owner, &refreshed.tokens.unwrap().access_token).await
}

/// `owner` in the session of an access token.
pub(crate) async fn acting(fixture: &Fixture, owner: &Owner, access_token: &str) -> Tenant {
    let claims = fixture.claims(access_token).await;
    let session: SessionId = claims["sid"].as_str().unwrap().parse().unwrap();
    member(owner.tenant.org(), user(owner), session, Role::Owner)
}

fn user(owner: &Owner) -> UserId {
    match owner.tenant.caller() {
        Caller::User { id, .. } => *id,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_the_link_in_a_mail() {
    let inbox = Inbox::start().await;
    let fixture = Fixture::with_mail(inbox.smtp.clone()).await;
    let owner = fixture.owner(LEE).await;
    let other = elsewhere(&fixture, &owner).await;
    inbox.newest(LEE, 1).await;
    forgot(&fixture, "Lee@Acme.Example").await;
    let token = inbox.token(LEE, 2).await;

    assert_eq!(reason(reset(&fixture, &token, "short").await), "INVALID");
    assert!(is_signed_in(&fixture, &other).await, "nothing happened yet");
    reset(&fixture, &token, NEW).await.unwrap();
    assert!(!is_signed_in(&fixture, &owner.tenant).await);
    assert!(!is_signed_in(&fixture, &other).await);
    assert!(fixture.refresh(&owner.refresh_token).await.is_err());
    assert!(fixture.login(LEE, PASSWORD).await.is_err());
    assert!(fixture.login(LEE, NEW).await.is_ok());
    let told = inbox.newest(LEE, 3).await;
    assert_eq!(told["subject"], "Your password was changed");

    let again = reset(&fixture, &token, "a third horse").await.unwrap_err();
    assert_eq!((again.kind, &*again.reason), (Kind::Gone, "LINK_EXPIRED"));
    assert!(fixture.login(LEE, NEW).await.is_ok(), "used once only");
}

#[tokio::test]
async fn a_link_is_good_for_an_hour_its_purpose_and_its_user() {
    let inbox = Inbox::start().await;
    let fixture = Fixture::with_mail(inbox.smtp.clone()).await;
    let lee = fixture.owner(LEE).await;
    fixture.owner("kim@globex.example").await;
    let proof = inbox.token(LEE, 1).await;
    assert_eq!(reason(reset(&fixture, &proof, NEW).await), "LINK_EXPIRED");
    for text in ["", "vxl_", "nonsense", &proof[..20], "vxl_\0"] {
        assert_eq!(reason(reset(&fixture, text, NEW).await), "LINK_EXPIRED");
        assert_eq!(reason(verify(&fixture, text).await), "LINK_EXPIRED");
    }
    forgot(&fixture, LEE).await;
    let token = inbox.token(LEE, 2).await;
    assert_eq!(reason(verify(&fixture, &token).await), "LINK_EXPIRED");
    let kim = fixture.login("kim@globex.example", PASSWORD).await;
    assert!(kim.is_ok());
    let start = fixture.clock.now();
    fixture.clock.set(start + SignedDuration::from_secs(3600));
    assert_eq!(reason(reset(&fixture, &token, NEW).await), "LINK_EXPIRED");
    fixture.clock.set(start + SignedDuration::from_secs(3599));
    reset(&fixture, &token, NEW).await.unwrap();
    assert!(!is_signed_in(&fixture, &lee.tenant).await);
    let kim = fixture.login("kim@globex.example", PASSWORD).await;
    assert!(kim.is_ok(), "another user's password stays");
}

#[tokio::test]
async fn one_of_two_who_use_a_link_at_once_wins() {
    let inbox = Inbox::start().await;
    let fixture = Fixture::with_mail(inbox.smtp.clone()).await;
    fixture.owner(LEE).await;
    inbox.newest(LEE, 1).await;
    forgot(&fixture, LEE).await;
    let token = inbox.token(LEE, 2).await;
    let (one, two) = tokio::join!(
        reset(&fixture, &token, "the first horse wins"),
        reset(&fixture, &token, "the second horse wins"),
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
}

#[tokio::test]
async fn an_unknown_address_gets_no_mail_and_the_same_rows() {
    let inbox = Inbox::start().await;
    let fixture = Fixture::with_mail(inbox.smtp.clone()).await;
    fixture.owner(LEE).await;
    inbox.newest(LEE, 1).await;
    let nobody = "nobody@acme.example";
    forgot(&fixture, nobody).await;
    forgot(&fixture, LEE).await;
    // A fourth one within the hour is answered alike and not sent.
    for count in 2..=4 {
        inbox.newest(LEE, count).await;
        forgot(&fixture, LEE).await;
    }
    let mut owner = fixture.database.owner().await;
    voxanne_testkit::eventually("every request is settled", || async {
        let mut owner = fixture.database.owner().await;
        let waiting: i64 =
            sqlx::query_scalar("SELECT count(*) FROM identity.mail WHERE state = 'queued'")
                .fetch_one(&mut owner)
                .await
                .unwrap();
        waiting == 0
    })
    .await;
    assert!(inbox.mails(nobody).await.is_empty());
    assert_eq!(inbox.mails(LEE).await.len(), 4);
    let dropped: i64 =
        sqlx::query_scalar("SELECT count(*) FROM identity.mail WHERE state = 'dropped'")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert_eq!(dropped, 2);
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let other = elsewhere(&fixture, &owner).await;
    let wrong = change(&fixture, &owner.tenant, ("wrong horse", NEW)).await;
    assert_eq!(reason(wrong), "INVALID_CREDENTIALS");
    for weak in ["short", "password123", "QwertyUiop", "aaaaaaaaaaaa"] {
        let problem = change(&fixture, &owner.tenant, (PASSWORD, weak)).await;
        let problem = problem.unwrap_err();
        assert_eq!(problem.violations[0].field, "newPassword", "{weak}");
    }
    change(&fixture, &owner.tenant, (PASSWORD, NEW))
        .await
        .unwrap();
    assert!(is_signed_in(&fixture, &owner.tenant).await);
    assert!(!is_signed_in(&fixture, &other).await);
    assert!(fixture.login(LEE, NEW).await.is_ok());
    assert!(fixture.login(LEE, PASSWORD).await.is_err());
    let mut db = fixture.database.owner().await;
    let noted: i64 =
        sqlx::query_scalar("SELECT count(*) FROM audit.entry WHERE action = $1 AND org_id = $2")
            .bind("user.password_changed")
            .bind(owner.tenant.org())
            .fetch_one(&mut db)
            .await
            .unwrap();
    assert_eq!(noted, 1);
}

#[tokio::test]
async fn an_address_is_proven_once() {
    let inbox = Inbox::start().await;
    let fixture = Fixture::with_mail(inbox.smtp.clone()).await;
    let owner = fixture.owner(LEE).await;
    let shown = async || {
        let request = fixture.within(&owner.tenant, GetSessionRequest {});
        let answer = answer(fixture.client().get_session(request).await).unwrap();
        answer.user.unwrap().email_verified
    };
    let send = async || {
        let request = fixture.within(&owner.tenant, SendVerificationRequest {});
        reason(answer(account(&fixture).send_verification(request).await))
    };
    assert!(!shown().await);
    let first = inbox.token(LEE, 1).await;
    assert_eq!(send().await, "OK");
    let second = inbox.token(LEE, 2).await;
    assert_eq!(send().await, "OK");
    inbox.token(LEE, 3).await;
    assert_eq!(send().await, "TOO_MANY_MAILS");
    verify(&fixture, &second).await.unwrap();
    assert!(shown().await);
    assert_eq!(reason(verify(&fixture, &second).await), "LINK_EXPIRED");
    verify(&fixture, &first).await.unwrap();
    assert_eq!(send().await, "OK", "nothing to do");
    assert_eq!(inbox.mails(LEE).await.len(), 3);
}

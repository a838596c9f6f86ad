//! Signing in with a code.

use jiff::SignedDuration;
use serde_json::Value;
use totp_rs::{Builder, Secret, Totp};
use voxanne_ids::SessionId;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::{
    BeginSecondFactorRequest, ConfirmSecondFactorRequest, LoginRequest, LoginWithCodeRequest,
    LoginWithCodeResponse, RemoveSecondFactorRequest, remove_second_factor_request::Proof,
};
use voxanne_tenant::{Role, Tenant};
use voxanne_testkit::eventually;

use crate::{
    account::account,
    fixture::{Fixture, Owner, PASSWORD, answer, member, reason, user},
    inbox::Inbox,
};

const LEE: &str = "lee@acme.example";

/// The user's phone.
pub(crate) struct App {
    totp: Totp,
    recovery: Vec<String>,
}

impl App {
    /// A code of now, and `steps` later.
    pub(crate) fn code(&self, fixture: &Fixture, steps: i64) -> String {
        let at = fixture.clock.now().as_second() + 30 * steps;
        self.totp.generate(at.try_into().unwrap()).to_string()
    }
}

async fn begin(fixture: &Fixture, owner: &Owner) -> Result<Totp, Box<Problem>> {
    begin_as(fixture, &owner.tenant, PASSWORD).await
}

pub(crate) async fn begin_as(
    fixture: &Fixture,
    tenant: &Tenant,
    password: &str,
) -> Result<Totp, Box<Problem>> {
    let password = password.to_owned();
    let request = fixture.within(tenant, BeginSecondFactorRequest { password });
    let begun = answer(account(fixture).begin_second_factor(request).await)?;
    assert!(
        begun.uri.starts_with("otpauth://totp/Voxanne:"),
        "{}",
        begun.uri
    );
    assert!(begun.uri.contains(&begun.secret));
    let secret = Secret::try_from_base32(&begun.secret).unwrap();
    Ok(Builder::new().with_secret(secret).build().unwrap())
}

/// A stolen session must not shut its owner out with an app of its own.
#[tokio::test]
async fn beginning_takes_the_password() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    for wrong in ["", "wrong horse"] {
        let refused = begin_as(&fixture, &owner.tenant, wrong).await;
        assert_eq!(reason(refused), "INVALID_CREDENTIALS", "{wrong}");
    }
    let code = confirm(&fixture, &owner, "123456".into()).await;
    assert_eq!(reason(code), "SECOND_FACTOR_OFF", "nothing was begun");
    // Another issuer's user with the same id has no account here, whatever they know.
    let elsewhere = member(
        owner.tenant.org(),
        user(&owner.tenant),
        SessionId::new(),
        Role::Owner,
    );
    let refused = begin_as(&fixture, &elsewhere, PASSWORD).await;
    assert_eq!(reason(refused), "SESSION_REVOKED");
    assert!(begin(&fixture, &owner).await.is_ok());
    eventually("the refused password is in the log", || async {
        let noted = fixture.noted(owner.tenant.org(), "user.password_refused");
        noted.await.len() == 1
    })
    .await;
}

async fn confirm(
    fixture: &Fixture,
    owner: &Owner,
    code: String,
) -> Result<Vec<String>, Box<Problem>> {
    let request = fixture.within(&owner.tenant, ConfirmSecondFactorRequest { code });
    let confirmed = answer(account(fixture).confirm_second_factor(request).await)?;
    Ok(confirmed.recovery_codes)
}

/// Turns the second factor on.
pub(crate) async fn enrol(fixture: &Fixture, owner: &Owner) -> App {
    let mut app = App {
        totp: begin(fixture, owner).await.unwrap(),
        recovery: Vec::new(),
    };
    app.recovery = confirm(fixture, owner, app.code(fixture, 0)).await.unwrap();
    assert_eq!(app.recovery.len(), 10);
    app
}

pub(crate) async fn challenge(fixture: &Fixture) -> String {
    let message = LoginRequest {
        email: LEE.into(),
        password: PASSWORD.into(),
        device: None,
    };
    let outcome = answer(fixture.client().login(fixture.system(message)).await);
    let problem = outcome.expect_err("a code is asked for");
    assert_eq!(problem.reason, "SECOND_FACTOR_REQUIRED");
    let extension: Value = serde_json::from_str(problem.extension.as_deref().unwrap()).unwrap();
    extension["challenge"].as_str().unwrap().to_owned()
}

pub(crate) async fn enter(
    fixture: &Fixture,
    challenge: &str,
    code: &str,
) -> Result<LoginWithCodeResponse, Box<Problem>> {
    let message = LoginWithCodeRequest {
        challenge: challenge.into(),
        code: code.into(),
        device: None,
    };
    let request = fixture.system(message);
    answer(account(fixture).login_with_code(request).await)
}

pub(crate) async fn remove(fixture: &Fixture, owner: &Owner, proof: Proof) -> String {
    let message = RemoveSecondFactorRequest { proof: Some(proof) };
    let request = fixture.within(&owner.tenant, message);
    reason(answer(account(fixture).remove_second_factor(request).await))
}

fn wait(fixture: &Fixture, seconds: i64) {
    let now = fixture.clock.now();
    fixture.clock.set(now + SignedDuration::from_secs(seconds));
}

#[tokio::test]
async fn nothing_is_asked_for_until_the_app_has_shown_a_code() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let early = confirm(&fixture, &owner, "123456".into()).await;
    assert_eq!(reason(early), "SECOND_FACTOR_OFF");
    let first = begin(&fixture, &owner).await.unwrap();
    assert!(fixture.login(LEE, PASSWORD).await.is_ok());
    // Beginning anew takes the place of what was never confirmed.
    let app = App {
        totp: begin(&fixture, &owner).await.unwrap(),
        recovery: Vec::new(),
    };
    let at = fixture.clock.now().as_second().try_into().unwrap();
    let old = confirm(&fixture, &owner, first.generate(at).to_string()).await;
    assert_eq!(reason(old), "WRONG_CODE");
    let code = app.code(&fixture, 0);
    assert!(confirm(&fixture, &owner, code).await.is_ok());
    assert_eq!(reason(begin(&fixture, &owner).await), "SECOND_FACTOR_ON");
    challenge(&fixture).await;
}

#[tokio::test]
async fn a_code_opens_a_session_once() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let app = enrol(&fixture, &owner).await;
    let wrong = fixture.login(LEE, "wrong horse").await;
    assert_eq!(
        reason(wrong),
        "INVALID_CREDENTIALS",
        "the password comes first"
    );
    let waiting = challenge(&fixture).await;
    let spent = enter(&fixture, &waiting, &app.code(&fixture, 0)).await;
    assert_eq!(reason(spent), "WRONG_CODE", "it turned the factor on");
    let code = app.code(&fixture, 1);
    let entered = enter(&fixture, &waiting, &code).await.unwrap();
    assert_eq!(entered.org.unwrap().id, owner.tenant.org().to_string());
    assert_eq!(entered.memberships.len(), 1);
    assert!(entered.user.unwrap().second_factor);
    let again = enter(&fixture, &waiting, &app.code(&fixture, 1)).await;
    assert_eq!(reason(again), "LINK_EXPIRED", "the challenge is used up");
    let another = challenge(&fixture).await;
    let replayed = enter(&fixture, &another, &code).await;
    assert_eq!(reason(replayed), "WRONG_CODE");
    wait(&fixture, 60);
    assert!(
        enter(&fixture, &another, &app.code(&fixture, 0))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn of_two_who_send_one_code_at_once_one_enters() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let app = enrol(&fixture, &owner).await;
    wait(&fixture, 60);
    let (here, there) = (challenge(&fixture).await, challenge(&fixture).await);
    let code = app.code(&fixture, 0);
    let (one, two) = tokio::join!(
        enter(&fixture, &here, &code),
        enter(&fixture, &there, &code),
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
}

#[tokio::test]
async fn guesses_are_few_and_do_not_lock_the_user_out() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let app = enrol(&fixture, &owner).await;
    wait(&fixture, 60);
    for _ in 0..2 {
        let waiting = challenge(&fixture).await;
        for _ in 0..5 {
            let guess = enter(&fixture, &waiting, "000000").await;
            assert_eq!(reason(guess), "WRONG_CODE");
        }
        let sixth = enter(&fixture, &waiting, &app.code(&fixture, 0)).await;
        assert_eq!(reason(sixth), "LINK_EXPIRED", "a challenge has five tries");
    }
    let waiting = challenge(&fixture).await;
    let refused = enter(&fixture, &waiting, &app.code(&fixture, 0)).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.reason, "TOO_MANY_CODES");
    assert!(refused.retry_after.unwrap().as_secs() > 3500);
    let recovery = &app.recovery[0];
    assert!(enter(&fixture, &waiting, recovery).await.is_ok());
    let waiting = challenge(&fixture).await;
    let spent = enter(&fixture, &waiting, recovery).await;
    assert_eq!(reason(spent), "WRONG_CODE", "a recovery code is good once");
    wait(&fixture, 3600);
    let waiting = challenge(&fixture).await;
    assert!(
        enter(&fixture, &waiting, &app.code(&fixture, 0))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_challenge_waits_five_minutes() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let app = enrol(&fixture, &owner).await;
    let waiting = challenge(&fixture).await;
    wait(&fixture, 300);
    let late = enter(&fixture, &waiting, &app.code(&fixture, 0)).await;
    assert_eq!(reason(late), "LINK_EXPIRED");
}

#[tokio::test]
async fn it_is_turned_off_with_the_password_or_a_code() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let kim = fixture.owner("kim@globex.example").await;
    let off = remove(&fixture, &owner, Proof::Password(PASSWORD.into())).await;
    assert_eq!(off, "SECOND_FACTOR_OFF");
    let app = enrol(&fixture, &owner).await;
    let theirs = enrol(&fixture, &kim).await;
    wait(&fixture, 60);
    for (proof, refused) in [
        (Proof::Password("wrong horse".into()), "INVALID_CREDENTIALS"),
        (Proof::Code("000000".into()), "WRONG_CODE"),
        (Proof::Code(theirs.code(&fixture, 0)), "WRONG_CODE"),
        (Proof::Code(theirs.recovery[0].clone()), "WRONG_CODE"),
    ] {
        assert_eq!(remove(&fixture, &owner, proof).await, refused);
    }
    let code = app.code(&fixture, 0);
    assert_eq!(remove(&fixture, &owner, Proof::Code(code)).await, "OK");
    assert!(fixture.login(LEE, PASSWORD).await.is_ok());
    let waiting = challenge_of(&fixture, "kim@globex.example").await;
    assert!(waiting, "another user's stays on");
}

async fn challenge_of(fixture: &Fixture, email: &str) -> bool {
    reason(fixture.login(email, PASSWORD).await) == "SECOND_FACTOR_REQUIRED"
}

#[tokio::test]
async fn no_secret_or_code_is_stored_as_it_is() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner(LEE).await;
    let app = enrol(&fixture, &owner).await;
    let mut db = fixture.database.owner().await;
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM identity.second_factor")
        .fetch_one(&mut db)
        .await
        .unwrap();
    let secret = app.totp.secret().as_bytes();
    assert!(!sealed.windows(secret.len()).any(|window| window == secret));
    let hashes: Vec<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM identity.recovery_code")
        .fetch_all(&mut db)
        .await
        .unwrap();
    assert_eq!(hashes.len(), 10);
    assert!(hashes.iter().all(|hash| hash.len() == 32));
}

#[tokio::test]
async fn its_user_is_told_when_it_is_turned_on_and_off() {
    let inbox = Inbox::start().await;
    let fixture = Fixture::with_mail(inbox.smtp.clone()).await;
    let owner = fixture.owner(LEE).await;
    inbox.newest(LEE, 1).await;
    let app = enrol(&fixture, &owner).await;
    let told = inbox.newest(LEE, 2).await;
    assert_eq!(told["subject"], "Your second factor was turned on");
    let text = told["text"].as_str().unwrap();
    assert!(
        text.contains("https://clinic.example/forgot-password"),
        "{text}"
    );
    wait(&fixture, 60);
    let wrong = remove(&fixture, &owner, Proof::Code("000000".into())).await;
    assert_eq!(wrong, "WRONG_CODE");
    let code = app.code(&fixture, 0);
    assert_eq!(remove(&fixture, &owner, Proof::Code(code)).await, "OK");
    // The third one, so a wrong code was no news.
    let told = inbox.newest(LEE, 3).await;
    assert_eq!(told["subject"], "Your second factor was turned off");
}

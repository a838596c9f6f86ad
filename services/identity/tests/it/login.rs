use voxanne_problem::{Kind, Problem};
use voxanne_proto::identity::v1::LoginRequest;

use crate::fixture::{Fixture, PASSWORD, answer, reason};

#[tokio::test]
async fn the_right_password_opens_a_session_of_its_own() {
    let fixture = Fixture::start().await;
    let first = fixture.owner("lee@acme.example").await.refresh_token;
    let second = fixture.login("Lee@Acme.Example", PASSWORD).await.unwrap();
    assert_ne!(first, second);
    assert!(fixture.refresh(&first).await.is_ok());
    assert!(fixture.refresh(&second).await.is_ok());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_one_answer() {
    let fixture = Fixture::start().await;
    fixture.owner("lee@acme.example").await;
    let said = |problem: Box<Problem>| {
        (
            problem.kind,
            problem.reason.into_owned(),
            problem.message,
            problem.retry_after,
        )
    };
    let wrong = said(
        fixture
            .login("lee@acme.example", "wrong horse")
            .await
            .unwrap_err(),
    );
    assert_eq!(
        (wrong.0, &*wrong.1),
        (Kind::Unauthenticated, "INVALID_CREDENTIALS")
    );
    for email in [
        "nobody@acme.example",
        "",
        "no address at all",
        "lee@acme.example\0",
    ] {
        let unknown = said(fixture.login(email, PASSWORD).await.unwrap_err());
        assert_eq!(unknown, wrong, "{email:?}");
    }
}

#[tokio::test]
async fn a_login_answers_with_the_clinic() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await;
    let message = LoginRequest {
        email: "lee@acme.example".into(),
        password: PASSWORD.into(),
        device: None,
    };
    let answer = answer(fixture.client().login(fixture.system(message)).await).unwrap();
    assert_eq!(answer.org.unwrap().id, owner.tenant.org().to_string());
    assert_eq!(answer.role, "owner");
    let claims = fixture.claims(&answer.tokens.unwrap().access_token).await;
    assert_ne!(
        claims["sid"],
        owner.session.to_string(),
        "each login is a session"
    );
}

#[tokio::test]
async fn nobody_signs_in_on_behalf_of_an_organisation() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await;
    let message = LoginRequest {
        email: "lee@acme.example".into(),
        password: PASSWORD.into(),
        device: None,
    };
    let outcome = answer(
        fixture
            .client()
            .login(fixture.within(&owner.tenant, message))
            .await,
    );
    assert_eq!(reason(outcome), "NOT_SYSTEM");
}

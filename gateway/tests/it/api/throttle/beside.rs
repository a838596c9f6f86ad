//! What else can be guessed or sent, beside passwords at the sign-in.

use axum::http::Method;
use serde_json::json;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::identity::v1::{
    BeginSecondFactorRequest, BeginSecondFactorResponse, ChangePasswordRequest,
    ChangePasswordResponse, ForgotPasswordRequest, ForgotPasswordResponse, RefreshRequest,
    RefreshResponse,
};
use voxanne_testkit::redis_url;

use super::{address, behind, fresh, throttled};
use crate::api::fixture::{Behind, Person, reply};

#[tokio::test]
async fn refresh_tokens_cannot_be_guessed_either() {
    let identity = Behind::default().identity.unary(
        "/voxanne.identity.v1.IdentityService/Refresh",
        |_: tonic::Request<RefreshRequest>| async {
            let detail = "this session has ended";
            let problem = Problem::new(Kind::Unauthenticated, "INVALID_REFRESH_TOKEN", detail);
            Err::<RefreshResponse, _>(problem.into())
        },
    );
    let api = Behind {
        redis: Some(redis_url()),
        ..behind(identity)
    }
    .start()
    .await;
    let from = address();
    for number in 0..101 {
        let request = api.request(Method::POST, "/api/auth/refresh");
        let request = request.header("x-forwarded-for", &from);
        let got = reply(request.header("cookie", format!("voxanne_refresh=guess{number}"))).await;
        assert_eq!(throttled(&got), number == 100, "{number}: {got:?}");
    }
}

#[tokio::test]
async fn sign_ups_have_a_limit() {
    let mut behind = behind(Behind::default().identity);
    behind.limits.address_mails = "3/h".parse().expect("a window");
    let api = behind.start().await;
    let sign_up = async || {
        let form = json!({
            "email": fresh("new"), "password": "correct horse", "clinicName": "Acme",
            "timeZone": "Europe/Berlin",
        });
        reply(api.request(Method::POST, "/api/auth/signup").json(&form)).await
    };
    for _ in 0..3 {
        assert!(!throttled(&sign_up().await));
    }
    assert!(throttled(&sign_up().await));
}

/// Each kind of mail counts for itself: who has somebody invited or signed up all day keeps no
/// forgotten password from them.
#[tokio::test]
async fn mails_that_others_cause_keep_nobody_from_a_new_password() {
    let forgot = "/voxanne.identity.v1.AccountService/ForgotPassword";
    let identity = Behind::default()
        .identity
        .unary(forgot, |_: tonic::Request<ForgotPasswordRequest>| async {
            Ok(ForgotPasswordResponse {})
        });
    let api = behind(identity).start().await;
    let victim = fresh("victim");
    let post = async |path: &str, form: serde_json::Value| {
        let request = api.request(Method::POST, path).json(&form);
        reply(request.header("x-forwarded-for", address())).await
    };
    let sign_up = async || {
        let form = json!({
            "email": victim, "password": "correct horse", "clinicName": "Acme",
            "timeZone": "Europe/Berlin",
        });
        throttled(&post("/api/auth/signup", form).await)
    };
    for _ in 0..5 {
        assert!(!sign_up().await);
    }
    assert!(sign_up().await);
    for count in 0..6 {
        let form = json!({ "email": victim });
        let got = post("/api/auth/password/forgot", form).await;
        assert_eq!(throttled(&got), count == 5, "{count}: {got:?}");
    }
}

#[tokio::test]
async fn a_stolen_session_guesses_its_owners_password_in_vain() {
    let wrong = || Problem::new(Kind::Unauthenticated, "INVALID_CREDENTIALS", "wrong");
    let identity = Behind::default().identity;
    let identity = identity.unary(
        "/voxanne.identity.v1.AccountService/ChangePassword",
        move |_: tonic::Request<ChangePasswordRequest>| async move {
            Err::<ChangePasswordResponse, _>(wrong().into())
        },
    );
    let identity = identity.unary(
        "/voxanne.identity.v1.AccountService/BeginSecondFactor",
        move |_: tonic::Request<BeginSecondFactorRequest>| async move {
            Err::<BeginSecondFactorResponse, _>(wrong().into())
        },
    );
    let api = behind(identity).start().await;
    let person = Person::new("owner");
    let mut guesses = 0;
    while guesses < 60 {
        // Wherever it is asked for, it is one password.
        let (path, form) = match guesses % 2 {
            0 => (
                "/api/auth/password",
                json!({ "currentPassword": "guess", "newPassword": "another horse" }),
            ),
            _ => ("/api/auth/second-factor", json!({ "password": "guess" })),
        };
        let request = api.call(&person, Method::POST, path);
        // From everywhere.
        let request = request.header("x-forwarded-for", address()).json(&form);
        if throttled(&reply(request).await) {
            break;
        }
        guesses += 1;
    }
    assert_eq!(guesses, 50);
}

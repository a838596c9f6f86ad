//! Values that Postgres cannot keep, or that cost too much, are refused by their field's name.

mod nul;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use voxanne_tests::{Clinic, Fleet};

const PASSWORD: &str = "correct horse battery staple";
const MIB: usize = 1024 * 1024;

async fn post(fleet: &Fleet, path: &str, token: &str, body: &Value) -> (StatusCode, Value) {
    let path = format!("/api/auth/{path}");
    fleet.call(Method::POST, &path, token, body.clone()).await
}

/// What is larger than any form is not read. The connection may be closed before all of it is sent,
/// and then there is nobody left to read the answer.
async fn too_large(fleet: &Fleet, path: &str, token: &str, body: &Value) {
    let request = fleet
        .http
        .post(format!("http://{}/api/auth/{path}", fleet.gateway));
    if let Ok(answer) = request.bearer_auth(token).json(body).send().await {
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
}

fn sign_up(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password, "clinicName": "Odd", "timeZone": "UTC" })
}

/// Users, their clinics and their sessions.
async fn written(fleet: &Fleet) -> (i64, i64, i64) {
    let mut owner = PgConnection::connect(fleet.database.owner_url())
        .await
        .expect("Postgres answers");
    sqlx::query_as(
        "SELECT (SELECT count(*) FROM identity.user_account),
                (SELECT count(*) FROM identity.organization),
                (SELECT count(*) FROM identity.session)",
    )
    .fetch_one(&mut owner)
    .await
    .expect("the owner reads every table")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_no_password_is_refused_and_nothing_is_written() {
    let fleet = Fleet::start().await;
    let clinic = Clinic::sign_up(&fleet, "acme").await;
    let before = written(&fleet).await;
    let (long, longer) = ("p".repeat(1024), "p".repeat(1025));
    let wide = "\u{1f984}".repeat(257);
    for password in [
        &*long,
        &*longer,
        &*wide,
        "with a \0 in it",
        "\0\0\0\0\0\0\0\0",
        "",
        "seven77",
    ] {
        let change = json!({ "currentPassword": PASSWORD, "newPassword": password });
        let reset = json!({ "token": "t".repeat(40), "password": password });
        for (path, token, field, body) in [
            (
                "signup",
                "",
                "password",
                sign_up("odd@odd.example", password),
            ),
            ("password", &*clinic.token, "newPassword", change),
            ("password/reset", "", "password", reset),
        ] {
            let (status, answer) = post(&fleet, path, token, &body).await;
            let what = format!("{path} with {} bytes: {answer}", password.len());
            assert_eq!(status, StatusCode::BAD_REQUEST, "{what}");
            assert_eq!(answer["code"], "INVALID", "{what}");
            assert_eq!(answer["errors"][0]["field"], field, "{what}");
            assert!(
                password.is_empty() || !answer.to_string().contains(password),
                "{path}"
            );
        }
    }
    too_large(
        &fleet,
        "signup",
        "",
        &sign_up("odd@odd.example", &"p".repeat(MIB)),
    )
    .await;
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "p".repeat(MIB) });
    too_large(&fleet, "password", &clinic.token, &change).await;
    assert_eq!(written(&fleet).await, before);
    // The address is still free and the password still the old one.
    let login = json!({ "email": clinic.email, "password": PASSWORD });
    assert_eq!(post(&fleet, "login", "", &login).await.0, StatusCode::OK);
    let free = sign_up("odd@odd.example", PASSWORD);
    assert_eq!(
        post(&fleet, "signup", "", &free).await.0,
        StatusCode::CREATED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_may_be_anything_and_is_only_wrong() {
    let fleet = Fleet::start().await;
    let clinic = Clinic::sign_up(&fleet, "acme").await;
    let before = written(&fleet).await;
    for (password, expected, code) in [
        ("p".repeat(64), 401, "INVALID_CREDENTIALS"),
        ("p".repeat(1024), 401, "INVALID_CREDENTIALS"),
        (PASSWORD.to_uppercase(), 401, "INVALID_CREDENTIALS"),
        (format!(" {PASSWORD}"), 401, "INVALID_CREDENTIALS"),
        ("p".repeat(1025), 400, "INVALID"),
        (format!("{PASSWORD}\0"), 400, "INVALID"),
    ] {
        for email in [&*clinic.email, "nobody@nowhere.example"] {
            let login = json!({ "email": email, "password": password });
            let (status, answer) = post(&fleet, "login", "", &login).await;
            assert_eq!(
                (status.as_u16(), &answer["code"]),
                (expected, &code.into()),
                "{answer}"
            );
        }
    }
    let login = json!({ "email": clinic.email, "password": "p".repeat(MIB) });
    too_large(&fleet, "login", "", &login).await;
    assert_eq!(written(&fleet).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_may_have_any_letters() {
    let fleet = Fleet::start().await;
    for (number, password) in [
        "\u{1f984}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} family",
        "\u{202e}backwards horse",
        "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301} combined",
        "\u{feff}\u{200b} nearly nothing",
        "тЊљ пароль 密码 كلمة",
        "\\u0000 is only written so",
        "' OR '1'='1' --",
        "<script>alert(1)</script>",
        "tab\tand\nlines\r\n",
        "\u{10ffff}\u{fffd}\u{e000} at the end",
    ]
    .into_iter()
    .chain(["p7".repeat(128).as_str()])
    .enumerate()
    {
        let email = format!("odd{number}@odd.example");
        let (status, answer) = post(&fleet, "signup", "", &sign_up(&email, password)).await;
        assert_eq!(status, StatusCode::CREATED, "{password:?}: {answer}");
        let login = json!({ "email": email, "password": password });
        assert_eq!(
            post(&fleet, "login", "", &login).await.0,
            StatusCode::OK,
            "{password:?}"
        );
        let cut: String = password.chars().skip(1).collect();
        let login = json!({ "email": email, "password": cut });
        let (status, _) = post(&fleet, "login", "", &login).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{password:?}");
    }
    let lone = r#"{"email":"odd@odd.example","password":"\ud800 horse battery"}"#;
    let request = fleet
        .http
        .post(format!("http://{}/api/auth/login", fleet.gateway));
    let request = request
        .header("content-type", "application/json")
        .body(lone);
    let answer = request.send().await.expect("the gateway answers");
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

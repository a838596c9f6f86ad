//! A person's account from sign-up to a second factor, with the mails as they arrive.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};
use voxanne_clock::Clock;
use voxanne_testkit::eventually;
use voxanne_tests::Fleet;

const LEE: &str = "lee@acme.example";
const PASSWORD: &str = "correct horse battery";
const NEW: &str = "another horse entirely";
/// A host that is not ours.
const ELSEWHERE: &str = "elsewhere.example";

struct Person {
    fleet: Fleet,
}

impl Person {
    async fn post(&self, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
        let path = format!("/api/auth/{path}");
        self.fleet.call(Method::POST, &path, token, body).await
    }

    async fn login(&self, password: &str) -> (StatusCode, Value) {
        let body = json!({"email": LEE, "password": password});
        self.post("login", "", body).await
    }

    /// Asks for a link that sets a new password, in the name of another host: a link that named it
    /// would tell its token to whoever owns that.
    async fn forgot(&self, email: &str) -> (StatusCode, String) {
        let url = format!("http://{}/api/auth/password/forgot", self.fleet.gateway);
        let mut request = self.fleet.http.post(url).json(&json!({ "email": email }));
        for (name, value) in [
            ("host", ELSEWHERE),
            ("x-forwarded-host", ELSEWHERE),
            ("x-forwarded-proto", "https"),
            ("forwarded", "host=elsewhere.example;proto=https"),
        ] {
            request = request.header(name, value);
        }
        let answer = request.send().await.expect("the gateway answers");
        let status = answer.status();
        (status, answer.text().await.expect("a body"))
    }

    async fn session(&self, token: &str) -> (StatusCode, Value) {
        let path = "/api/auth/session";
        self.fleet.call(Method::GET, path, token, Value::Null).await
    }

    /// The token in the newest mail about `subject`.
    async fn mailed(&self, subject: &str) -> String {
        eventually(subject, || async {
            let path = format!("/mail/messages?to={LEE}");
            let (_, list) = self.fleet.sandbox(Method::GET, &path, Value::Null).await;
            list["items"][0]["subject"] == subject
        })
        .await;
        let path = format!("/mail/messages?to={LEE}");
        let (_, list) = self.fleet.sandbox(Method::GET, &path, Value::Null).await;
        let text = list["items"][0]["text"].as_str().expect("a text");
        let link = format!("http://{}/", self.fleet.gateway);
        assert!(
            text.contains(&link),
            "the link leads to the gateway: {text}"
        );
        assert!(!text.contains(ELSEWHERE), "and nowhere else: {text}");
        let (_, token) = text.split_once("#token=").expect("a link");
        token.split_whitespace().next().expect("a token").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_proven_recovered_and_given_a_second_factor() {
    let person = Person {
        fleet: Fleet::start().await,
    };
    let (status, signed_up) = person
        .post(
            "signup",
            "",
            json!({"email": LEE, "password": PASSWORD, "clinicName": "Acme", "timeZone": "UTC"}),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED, "{signed_up}");
    let token = signed_up["accessToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    assert_eq!(signed_up["user"]["emailVerified"], false);

    let link = person.mailed("Confirm your e-mail address").await;
    let (status, _) = person
        .post("email/verify", "", json!({"token": link}))
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(
        person.session(&token).await.1["user"]["emailVerified"],
        true
    );
    let (status, used) = person
        .post("email/verify", "", json!({"token": link}))
        .await;
    assert_eq!(
        (status, &used["code"]),
        (StatusCode::GONE, &json!("LINK_EXPIRED"))
    );

    forgets(&person, &token).await;
    enters_with_codes(&person).await;
}

async fn forgets(person: &Person, token: &str) {
    for email in ["nobody@acme.example", LEE] {
        let answer = person.forgot(email).await;
        assert_eq!(answer, (StatusCode::ACCEPTED, String::new()));
    }
    let link = person.mailed("Set a new password").await;
    let body = json!({"token": link, "password": "password123"});
    let (status, weak) = person.post("password/reset", "", body).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{weak}");
    assert_eq!(weak["errors"][0]["field"], "password");
    let body = json!({"token": link, "password": NEW});
    let (status, answer) = person.post("password/reset", "", body).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    eventually("the old session ends at the gateway", || async {
        person.session(token).await.0 == StatusCode::UNAUTHORIZED
    })
    .await;
    assert_eq!(person.login(PASSWORD).await.0, StatusCode::UNAUTHORIZED);
}

async fn enters_with_codes(person: &Person) {
    let (status, session) = person.login(NEW).await;
    assert_eq!(status, StatusCode::OK, "{session}");
    assert_eq!(session["orgs"][0]["role"], "owner");
    let token = session["accessToken"].as_str().expect("a token");
    for (body, refused, code) in [
        (json!({}), StatusCode::BAD_REQUEST, "INVALID"),
        (
            json!({"password": PASSWORD}),
            StatusCode::UNAUTHORIZED,
            "INVALID_CREDENTIALS",
        ),
    ] {
        let (status, problem) = person.post("second-factor", token, body).await;
        assert_eq!((status, &problem["code"]), (refused, &json!(code)));
    }
    let body = json!({"password": NEW});
    let (status, begun) = person.post("second-factor", token, body).await;
    assert_eq!(status, StatusCode::CREATED, "{begun}");
    let secret = begun["secret"].as_str().expect("a secret");
    let secret = Secret::try_from_base32(secret).expect("base32");
    let app = Builder::new()
        .with_secret(secret)
        .build()
        .expect("160 bits");
    let now = || u64::try_from(Clock::system().now().as_second()).expect("after 1970");
    let body = json!({"code": app.generate(now()).to_string()});
    let (status, codes) = person.post("second-factor/confirm", token, body).await;
    assert_eq!(status, StatusCode::OK, "{codes}");

    let (status, asked) = person.login(NEW).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(asked["code"], "SECOND_FACTOR_REQUIRED");
    // The code of the next half minute: this one's has turned the factor on.
    let code = app.generate(now() + 30).to_string();
    let body = json!({"challenge": asked["challenge"], "code": code});
    let (status, entered) = person.post("login/second-factor", "", body.clone()).await;
    assert_eq!(status, StatusCode::OK, "{entered}");
    assert_eq!(entered["user"]["secondFactor"], true);
    let (status, used) = person.post("login/second-factor", "", body).await;
    assert_eq!(
        (status, &used["code"]),
        (StatusCode::GONE, &json!("LINK_EXPIRED"))
    );
    let token = entered["accessToken"].as_str().expect("a token");
    let body = json!({"code": codes["recoveryCodes"][0]});
    let path = "/api/auth/second-factor";
    let (status, _) = person.fleet.call(Method::DELETE, path, token, body).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(person.login(NEW).await.0, StatusCode::OK);
}

//! Joining a clinic with a link: by a password, or by the session of whom it was sent to.

use axum::http::Method;
use serde_json::{Value, json};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::identity::v1::{
    AcceptInvitationRequest, AcceptInvitationResponse, JoinRequest, JoinResponse, Org,
};
use voxanne_tenant::{System, Tenant};

use super::fixture::{Api, Behind, Person, Reply, reply};

const SERVICE: &str = "/voxanne.identity.v1.InvitationService";

/// The clinic, named after who joined it.
fn org(who: impl ToString) -> Org {
    Org {
        id: "org_1".to_owned(),
        name: who.to_string(),
        time_zone: "UTC".to_owned(),
    }
}

fn refused(kind: Kind, reason: &'static str) -> tonic::Status {
    Problem::new(kind, reason, "no").into()
}

async fn accept(
    request: tonic::Request<AcceptInvitationRequest>,
) -> Result<AcceptInvitationResponse, tonic::Status> {
    System::of(&request)?;
    let AcceptInvitationRequest { token, password } = request.into_inner();
    match (&*token, &*password) {
        ("vxi_open", "right") => Ok(AcceptInvitationResponse {
            org: Some(org("somebody with a password")),
            role: "staff".to_owned(),
        }),
        ("vxi_open", _) => Err(refused(Kind::Unauthenticated, "INVALID_CREDENTIALS")),
        _ => Err(refused(Kind::Gone, "LINK_EXPIRED")),
    }
}

async fn join(request: tonic::Request<JoinRequest>) -> Result<JoinResponse, tonic::Status> {
    let tenant = Tenant::of(&request)?;
    match &*request.into_inner().token {
        "vxi_open" => Ok(JoinResponse {
            org: Some(org(tenant.caller())),
            role: "auditor".to_owned(),
        }),
        _ => Err(refused(Kind::Forbidden, "WRONG_ADDRESS")),
    }
}

async fn start() -> Api {
    let mut behind = Behind::default();
    behind.identity = behind
        .identity
        .unary(&format!("{SERVICE}/AcceptInvitation"), accept)
        .unary(&format!("{SERVICE}/Join"), join);
    behind.limits.address_failures = "4/h".parse().expect("a window");
    behind.start().await
}

async fn post(api: &Api, token: Option<&str>, form: &Value) -> Reply {
    let request = api.request(Method::POST, "/api/auth/invitations/accept");
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    reply(request.json(form)).await
}

#[tokio::test]
async fn a_password_joins_without_a_session() {
    let api = start().await;
    let form = json!({ "token": "vxi_open", "password": "right" });
    let person = Person::new("owner");
    for token in [None, Some(&*person.token()), Some("garbage")] {
        let got = post(&api, token, &form).await;
        assert_eq!(got.status, 200, "{got:?}");
        let joined = json!({
            "org": { "id": "org_1", "name": "somebody with a password", "timeZone": "UTC" },
            "role": "staff",
        });
        assert_eq!(got.json(), joined, "whoever is signed in");
    }
}

#[tokio::test]
async fn a_session_joins_in_the_name_of_its_user() {
    let api = start().await;
    let form = json!({ "token": "vxi_open" });
    let person = Person::new("provider");
    let got = post(&api, Some(&person.token()), &form).await;
    assert_eq!(got.status, 200, "{got:?}");
    let name = format!("user:{}", person.user);
    assert_eq!(
        (&got.json()["org"]["name"], &got.json()["role"]),
        (&json!(name), &json!("auditor"))
    );
    for (token, code) in [(None, "TOKEN_MISSING"), (Some("garbage"), "TOKEN_INVALID")] {
        let got = post(&api, token, &form).await;
        assert_eq!(got.problem(), (401, code.to_owned()));
    }
    api.sessions.revoke(person.org, person.session);
    let ended = async || {
        let got = post(&api, Some(&person.token()), &form).await;
        got.status == 401 && got.problem().1 == "SESSION_REVOKED"
    };
    voxanne_testkit::eventually("an ended session joins nothing", ended).await;
}

#[tokio::test]
async fn refusals_are_told_as_they_are() {
    let api = start().await;
    let person = Person::new("owner");
    let wrong = json!({ "token": "vxi_open", "password": "wrong" });
    let old = json!({ "token": "vxi_old", "password": "right" });
    let others = json!({ "token": "vxi_others" });
    for (form, token, expected) in [
        (&wrong, None, (401, "INVALID_CREDENTIALS")),
        (&old, None, (410, "LINK_EXPIRED")),
        (&others, Some(&*person.token()), (403, "WRONG_ADDRESS")),
    ] {
        let got = post(&api, token, form).await;
        assert_eq!(got.problem(), (expected.0, expected.1.to_owned()));
    }
    for (form, expected) in [
        (json!({}), ("token", "REQUIRED")),
        (
            json!({ "token": "", "password": "right" }),
            ("token", "RANGE"),
        ),
        (
            json!({ "token": "vxi_open", "password": "" }),
            ("password", "RANGE"),
        ),
        (
            json!({ "token": "vxi_open", "role": "owner" }),
            ("role", "UNKNOWN_FIELD"),
        ),
    ] {
        let got = post(&api, None, &form).await;
        let expected = (expected.0.to_owned(), expected.1.to_owned());
        assert_eq!(got.errors(), [expected]);
        assert!(!got.text.contains("vxi_"), "{}", got.text);
    }
}

#[tokio::test]
async fn links_are_not_guessed() {
    let api = start().await;
    for number in 0..6 {
        let form = json!({ "token": format!("vxi_{number}"), "password": "right" });
        let got = post(&api, None, &form).await;
        let expected = match number {
            0..4 => (410, "LINK_EXPIRED"),
            _ => (429, "LOGIN_THROTTLED"),
        };
        assert_eq!(got.problem(), (expected.0, expected.1.to_owned()));
    }
}

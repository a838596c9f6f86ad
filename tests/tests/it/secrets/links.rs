//! Links that are mailed: one to join a clinic, one to set a new password.

use std::sync::Mutex;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_testkit::eventually;
use voxanne_tests::{Clinic, Fleet};

use super::{flows::Canaries, refusals::Refusals};

pub(super) const GUEST: &str = "canary-of-a-guest@clinic.example";
const PASSWORD: &str = "canary that a guest signs in with";

/// Invites somebody who joins, and forgets a password; gives every secret there was.
pub(super) async fn run(fleet: &Fleet, clinic: &Clinic, refusals: &mut Refusals) -> Canaries {
    let invitation = json!({ "email": GUEST, "role": "staff" });
    let path = "/invitations";
    let (status, answer) = clinic
        .call(fleet, Method::POST, path, invitation.clone())
        .await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let (status, answer) = clinic.call(fleet, Method::GET, path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let joining = mailed(fleet, GUEST, "You are invited to a clinic on Voxanne").await;
    let mut post = async |path: &str, body: Value, expected: StatusCode| {
        let path = format!("/api/auth/{path}");
        let answer = fleet.call(Method::POST, &path, "", body).await;
        assert_eq!(answer.0, expected, "{path}: {}", answer.1);
        refusals.note("a link", answer);
    };
    let join = json!({ "token": joining, "password": PASSWORD });
    let accept = "invitations/accept";
    post(accept, join.clone(), StatusCode::OK).await;
    post(accept, join, StatusCode::GONE).await;
    let forgot = json!({ "email": clinic.email });
    post("password/forgot", forgot, StatusCode::ACCEPTED).await;
    let setting = mailed(fleet, &clinic.email, "Set a new password").await;
    // Refused for the password, so that the clinic's session goes on.
    let weak = json!({ "token": setting, "password": "password123" });
    post("password/reset", weak, StatusCode::BAD_REQUEST).await;
    let member = clinic.call(fleet, Method::POST, path, invitation).await;
    assert_eq!(member.0, StatusCode::CONFLICT, "{}", member.1);
    refusals.note("a member who is invited", member);
    vec![
        ("the link of an invitation", joining),
        ("the link to a new password", setting),
        ("a guest's password", PASSWORD.to_owned()),
    ]
}

/// The token in the mail to `address` about `subject`.
async fn mailed(fleet: &Fleet, address: &str, subject: &str) -> String {
    let found = Mutex::new(String::new());
    eventually(subject, || async {
        // The address stands in no query: the sandbox is one of those whose lines are searched.
        let (_, list) = fleet
            .sandbox(Method::GET, "/mail/messages", Value::Null)
            .await;
        let mails = list["items"].as_array().into_iter().flatten();
        let mut mails = mails.filter(|mail| mail["to"] == address && mail["subject"] == subject);
        let text = mails.next().and_then(|mail| mail["text"].as_str());
        let link = text.and_then(|text| text.split_once("#token="));
        let token = link.and_then(|(_, rest)| rest.split_whitespace().next());
        *found.lock().expect("one task") = token.unwrap_or_default().to_owned();
        token.is_some()
    })
    .await;
    found.into_inner().expect("one task")
}

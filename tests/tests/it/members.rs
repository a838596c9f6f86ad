//! A member who is given another role, who is removed or who signs out is let in no further.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_testkit::eventually;
use voxanne_tests::{Clinic, Fleet, Socket};

const PASSWORD: &str = "correct horse battery staple";

/// Somebody whom the owner of a clinic has asked to join.
struct Member {
    /// The user's.
    id: String,
    /// The owner's clinic, with this member's token.
    clinic: Clinic,
}

impl Member {
    /// Is invited by the owner, joins with the link in the mail, and signs in.
    async fn join(fleet: &Fleet, owner: &Clinic, name: &str, role: &str) -> Self {
        let email = format!("{name}@members.example");
        let guest = json!({ "email": email, "role": role });
        let (status, answer) = owner.call(fleet, Method::POST, "/invitations", guest).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        let token = mailed(fleet, &email).await;
        let acceptance = json!({ "token": token, "password": PASSWORD });
        let path = "/api/auth/invitations/accept";
        let (status, joined) = fleet.call(Method::POST, path, "", acceptance).await;
        assert_eq!(status, StatusCode::OK, "{joined}");
        assert_eq!(joined["role"], role);
        let mut member = Self {
            id: String::new(),
            clinic: Clinic {
                email,
                ..owner.clone()
            },
        };
        member.sign_in(fleet, role).await;
        member
    }

    /// Begins a new session, which is in the owner's clinic and has `role` there.
    async fn sign_in(&mut self, fleet: &Fleet, role: &str) {
        let (status, session) = login(fleet, &self.clinic.email).await;
        assert_eq!(status, StatusCode::OK, "{session}");
        assert_eq!(session["org"]["id"], self.clinic.org.as_str());
        assert_eq!(session["role"], role);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        self.id = text(&session["user"]["id"]);
        self.clinic.token = text(&session["accessToken"]);
    }

    /// Status of what a route of the clinic answers, and the code of a refusal.
    async fn asks(&self, fleet: &Fleet, path: &str) -> (u16, String) {
        let (status, answer) = self
            .clinic
            .call(fleet, Method::GET, path, Value::Null)
            .await;
        let code = answer["code"].as_str().unwrap_or_default().to_owned();
        (status.as_u16(), code)
    }

    /// The path of this member below the clinic's.
    fn path(&self) -> String {
        format!("/members/{}", self.id)
    }

    /// Waits until the session has ended: for requests, for its open socket and for a new one.
    async fn is_out(&self, fleet: &Fleet, socket: &mut Socket) {
        eventually("the old token is refused", || async {
            self.asks(fleet, "/bookings").await == ended()
        })
        .await;
        assert_eq!(socket.close_code().await, 4401);
        assert_eq!(Socket::refusal(fleet, &self.clinic.token).await, ended());
    }
}

/// How a token is refused whose session has ended.
fn ended() -> (u16, String) {
    (401, "SESSION_REVOKED".to_owned())
}

fn allowed() -> (u16, String) {
    (200, String::new())
}

async fn login(fleet: &Fleet, email: &str) -> (StatusCode, Value) {
    let login = json!({ "email": email, "password": PASSWORD });
    fleet.call(Method::POST, "/api/auth/login", "", login).await
}

/// The token in the link of an invitation.
async fn mailed(fleet: &Fleet, email: &str) -> String {
    let path = format!("/mail/messages?to={email}");
    eventually("the invitation arrives", || async {
        let (_, list) = fleet.sandbox(Method::GET, &path, Value::Null).await;
        list["items"][0]["subject"] == "You are invited to a clinic on Voxanne"
    })
    .await;
    let (_, list) = fleet.sandbox(Method::GET, &path, Value::Null).await;
    let text = list["items"][0]["text"].as_str().expect("a text");
    let (_, token) = text.split_once("#token=").expect("a link");
    token.split_whitespace().next().expect("a token").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_member_was_let_in_with_ends_with_their_role_their_membership_and_their_session() {
    let fleet = Fleet::start().await;
    let owner = Clinic::sign_up(&fleet, "acme").await;
    is_lowered(&fleet, &owner).await;
    is_removed(&fleet, &owner).await;
    signs_out(&fleet, &owner).await;
}

/// The old token does not even do what the new role may; a new one does that, and no more.
async fn is_lowered(fleet: &Fleet, owner: &Clinic) {
    let mut member = Member::join(fleet, owner, "lowered", "admin").await;
    let (mut socket, _) = Socket::open(fleet, &member.clinic).await;
    assert_eq!(member.asks(fleet, "/api-keys").await, allowed());
    let change = json!({ "role": "staff" });
    let (status, changed) = owner
        .call(fleet, Method::PATCH, &member.path(), change)
        .await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    assert_eq!(changed["role"], "staff");
    member.is_out(fleet, &mut socket).await;

    member.sign_in(fleet, "staff").await;
    assert_eq!(member.asks(fleet, "/bookings").await, allowed());
    let refused = (403, "ROLE_INSUFFICIENT".to_owned());
    assert_eq!(member.asks(fleet, "/api-keys").await, refused);
    drop(Socket::open(fleet, &member.clinic).await);
}

/// The account stays, and opens no clinic that it is not a member of.
async fn is_removed(fleet: &Fleet, owner: &Clinic) {
    let member = Member::join(fleet, owner, "removed", "staff").await;
    let (mut socket, _) = Socket::open(fleet, &member.clinic).await;
    assert_eq!(member.asks(fleet, "/bookings").await, allowed());
    let (status, answer) = owner
        .call(fleet, Method::DELETE, &member.path(), Value::Null)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    member.is_out(fleet, &mut socket).await;
    let (status, answer) = login(fleet, &member.clinic.email).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
    assert_eq!(answer["code"], "INVALID_CREDENTIALS");
}

/// The gateway that was told of it lets nobody in from that moment on.
async fn signs_out(fleet: &Fleet, owner: &Clinic) {
    let mut member = Member::join(fleet, owner, "leaver", "staff").await;
    let (mut socket, _) = Socket::open(fleet, &member.clinic).await;
    let (path, token) = ("/api/auth/logout", member.clinic.token.clone());
    let (status, answer) = fleet.call(Method::POST, path, &token, Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    assert_eq!(Socket::refusal(fleet, &token).await, ended());
    member.is_out(fleet, &mut socket).await;

    member.sign_in(fleet, "staff").await;
    let (_again, _) = Socket::open(fleet, &member.clinic).await;
    // A new session of theirs does not bring the old one back.
    assert_eq!(Socket::refusal(fleet, &token).await, ended());
}

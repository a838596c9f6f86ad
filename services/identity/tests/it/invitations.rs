//! People are invited, join with the link in the mail, and with nothing else.

mod stage;

use jiff::SignedDuration;
use sqlx::PgConnection;
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_problem::Kind;
use voxanne_proto::identity::v1::{
    ChangeRoleRequest, ListEntriesRequest, RemoveMemberRequest,
    audit_service_client::AuditServiceClient, member_service_client::MemberServiceClient,
};
use voxanne_tenant::{Role, Tenant};

use self::stage::{CHOSEN, KIM, LEE, NEW, Stage, pair, user};
use crate::{
    fixture::{PASSWORD, answer, colleague, member, reason},
    gate::Gate,
};

#[tokio::test]
async fn a_new_address_gets_an_account_with_the_password_that_is_chosen() {
    let stage = Stage::start().await;
    let made = stage
        .invite(&stage.lee, " New@Clinic.Example ", "staff")
        .await
        .unwrap();
    assert_eq!((&*made.email, &*made.role), (NEW, "staff"));
    assert_eq!(stage.list(&stage.lee).await, [made]);
    let mail = stage.inbox.newest(NEW, 1).await;
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("\"Acme Dental\""), "{text}");
    assert!(
        text.contains("https://clinic.example/accept-invitation#token=vxi_"),
        "{text}"
    );
    let token = stage.inbox.token(NEW, 1).await;

    for weak in ["", "short", "password"] {
        assert_eq!(reason(stage.accept(&token, weak).await), "INVALID");
    }
    let joined = stage.accept(&token, CHOSEN).await.unwrap();
    assert_eq!(joined, (stage.lee.org().to_string(), "staff".to_owned()));
    assert!(stage.list(&stage.lee).await.is_empty());
    assert_eq!(
        stage.members().await,
        [pair(LEE, "owner"), pair(NEW, "staff")]
    );
    let refresh = stage.fixture.login(NEW, CHOSEN).await.unwrap();
    let entered = stage.fixture.refresh(&refresh).await.unwrap();
    assert_eq!(entered.role, "staff");
    assert!(entered.user.unwrap().email_verified, "the mail proved it");

    let again = stage.accept(&token, CHOSEN).await.unwrap_err();
    assert_eq!((again.kind, &*again.reason), (Kind::Gone, "LINK_EXPIRED"));
}

#[tokio::test]
async fn a_known_user_joins_with_their_password_or_their_session() {
    let stage = Stage::start().await;
    let token = stage.token(KIM, "auditor", 2).await;
    let wrong = stage.accept(&token, "not their password").await;
    assert_eq!(reason(wrong), "INVALID_CREDENTIALS");
    let joined = stage.accept(&token, PASSWORD).await.unwrap();
    assert_eq!(joined.1, "auditor");
    assert_eq!(stage.join(&stage.kim, &token).await, "LINK_EXPIRED");

    let third = stage.fixture.owner("sam@third.example").await.tenant;
    let token = stage.token("sam@third.example", "admin", 2).await;
    assert_eq!(stage.join(&stage.kim, &token).await, "WRONG_ADDRESS");
    assert_eq!(stage.join(&stage.lee, &token).await, "WRONG_ADDRESS");
    let ended = member(third.org(), user(&third), SessionId::new(), Role::Owner);
    assert_eq!(stage.join(&ended, &token).await, "SESSION_REVOKED");
    assert_eq!(stage.join(&third, &token).await, "OK");
    assert_eq!(stage.join(&third, &token).await, "LINK_EXPIRED");
    let expected = [
        pair(LEE, "owner"),
        pair(KIM, "auditor"),
        pair("sam@third.example", "admin"),
    ];
    assert_eq!(stage.members().await, expected);
    // Their account is as it was.
    assert!(stage.fixture.login(KIM, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_new_address_is_not_taken_over_by_somebody_who_is_signed_in() {
    let stage = Stage::start().await;
    let token = stage.token(NEW, "staff", 1).await;
    assert_eq!(stage.join(&stage.kim, &token).await, "WRONG_ADDRESS");
    assert!(stage.accept(&token, CHOSEN).await.is_ok());
    let guest = Tenant::for_job(stage.kim.org(), "guest");
    assert_eq!(stage.join(&guest, &token).await, "NOT_SIGNED_IN");
}

#[tokio::test]
async fn a_link_ends_after_seven_days_and_when_it_is_replaced_or_revoked() {
    let stage = Stage::start().await;
    let first = stage.token(NEW, "staff", 1).await;
    let second = stage.token(NEW, "auditor", 2).await;
    assert_eq!(stage.list(&stage.lee).await.len(), 1, "one at a time");
    assert_eq!(reason(stage.accept(&first, CHOSEN).await), "LINK_EXPIRED");
    let id = stage.list(&stage.lee).await[0].id.clone();
    assert_eq!(stage.revoke(&stage.lee, &id).await, "OK");
    assert_eq!(stage.revoke(&stage.lee, &id).await, "INVITATION_NOT_FOUND");
    assert_eq!(reason(stage.accept(&second, CHOSEN).await), "LINK_EXPIRED");

    let token = stage.token(NEW, "staff", 3).await;
    let seven_days = SignedDuration::from_hours(7 * 24);
    stage.later(seven_days - SignedDuration::from_secs(1));
    assert_eq!(stage.list(&stage.lee).await.len(), 1);
    assert_eq!(reason(stage.accept(&token, "short").await), "INVALID");
    stage.later(SignedDuration::from_secs(1));
    assert!(stage.list(&stage.lee).await.is_empty());
    assert_eq!(reason(stage.accept(&token, CHOSEN).await), "LINK_EXPIRED");
    for text in ["", "vxi_", "nonsense", &token.replace("vxi_", "vxl_")] {
        assert_eq!(reason(stage.accept(text, CHOSEN).await), "LINK_EXPIRED");
    }
}

#[tokio::test]
async fn one_of_two_who_use_a_link_at_once_joins() {
    let stage = Stage::start().await;
    let token = stage.token(NEW, "staff", 1).await;
    let outcomes = tokio::join!(stage.accept(&token, CHOSEN), stage.accept(&token, CHOSEN));
    let mut outcomes = [reason(outcomes.0), reason(outcomes.1)];
    outcomes.sort();
    assert_eq!(outcomes[1], "OK");
    // Whoever comes late finds the link used, or the account made with this password.
    assert_eq!(outcomes[0], "LINK_EXPIRED");
    assert_eq!(stage.members().await.len(), 2);
}

#[tokio::test]
async fn nothing_tells_which_addresses_have_an_account_elsewhere() {
    let stage = Stage::start().await;
    let mut known = stage.invite(&stage.lee, KIM, "staff").await.unwrap();
    let unknown = stage.invite(&stage.lee, NEW, "staff").await.unwrap();
    known.id.clone_from(&unknown.id);
    known.email.clone_from(&unknown.email);
    assert_eq!(known, unknown);
    let refused = stage.invite(&stage.lee, LEE, "staff").await.unwrap_err();
    let expected = (Kind::Conflict, "ALREADY_MEMBER");
    assert_eq!((refused.kind, &*refused.reason), expected);
    let joined = stage.invite(&stage.kim, LEE, "staff").await;
    assert!(joined.is_ok(), "a member of another clinic");
}

#[tokio::test]
async fn invitations_of_another_organisation_do_not_exist() {
    let stage = Stage::start().await;
    let made = stage.invite(&stage.lee, NEW, "staff").await.unwrap();
    assert!(stage.list(&stage.kim).await.is_empty());
    let fresh = voxanne_ids::InvitationId::new().to_string();
    for id in [&*made.id, &*fresh, "nonsense"] {
        let refused = stage.revoke(&stage.kim, id).await;
        assert_eq!(refused, "INVITATION_NOT_FOUND", "{id}");
    }
    // The same address may be asked by both.
    assert!(stage.invite(&stage.kim, NEW, "admin").await.is_ok());
    assert_eq!(stage.list(&stage.lee).await, [made]);
    let guest = member(
        OrgId::new(),
        user(&stage.lee),
        SessionId::new(),
        Role::Owner,
    );
    let refused = stage.invite(&guest, NEW, "staff").await;
    assert_eq!(reason(refused), "ROLE_INSUFFICIENT");
}

#[tokio::test]
async fn an_administrator_has_no_say_about_owners_and_administrators() {
    let stage = Stage::start().await;
    let admin = stage.put(UserId::new(), Role::Admin).await;
    for (role, expected) in [
        ("owner", "ROLE_INSUFFICIENT"),
        ("admin", "ROLE_INSUFFICIENT"),
        ("staff", "OK"),
        ("provider", "OK"),
        ("auditor", "OK"),
        ("boss", "INVALID"),
    ] {
        let outcome = stage.invite(&admin, NEW, role).await;
        assert_eq!(reason(outcome), expected, "{role}");
    }
    let high = stage.invite(&stage.lee, NEW, "admin").await.unwrap();
    let replaced = stage.invite(&admin, NEW, "staff").await;
    assert_eq!(reason(replaced), "ROLE_INSUFFICIENT");
    assert_eq!(stage.revoke(&admin, &high.id).await, "ROLE_INSUFFICIENT");
    assert_eq!(stage.list(&admin).await, [high]);
    for role in [Role::Staff, Role::Provider, Role::Auditor] {
        let other = stage.put(UserId::new(), role).await;
        let outcome = stage.invite(&other, KIM, "staff").await;
        assert_eq!(reason(outcome), "ROLE_INSUFFICIENT", "{role:?}");
    }
    // What a token says counts for nothing without a membership.
    let stranger = colleague(&stage.lee, Role::Owner);
    let outcome = stage.invite(&stranger, KIM, "staff").await;
    assert_eq!(reason(outcome), "ROLE_INSUFFICIENT");
}

#[tokio::test]
async fn what_a_member_invited_ends_with_their_right_to() {
    let stage = Stage::start().await;
    let mut members = MemberServiceClient::new(stage.fixture.running.channel());
    let first = stage.put(UserId::new(), Role::Admin).await;
    let second = stage.put(UserId::new(), Role::Admin).await;
    stage.invite(&first, NEW, "staff").await.unwrap();
    stage.invite(&second, KIM, "staff").await.unwrap();
    let kept = stage
        .invite(&stage.lee, "kept@clinic.example", "staff")
        .await
        .unwrap();
    let token = stage.inbox.token(NEW, 1).await;
    let message = ChangeRoleRequest {
        id: user(&first).to_string(),
        role: "staff".into(),
    };
    let request = stage.fixture.within(&stage.lee, message);
    answer(members.change_role(request).await).unwrap();
    assert_eq!(reason(stage.accept(&token, CHOSEN).await), "LINK_EXPIRED");
    let message = RemoveMemberRequest {
        id: user(&second).to_string(),
    };
    let request = stage.fixture.within(&stage.lee, message);
    answer(members.remove_member(request).await).unwrap();
    assert_eq!(stage.list(&stage.lee).await, [kept]);
}

/// Invites so many people behind the service's back, for two days.
async fn fill(owner: &mut PgConnection, org: OrgId, count: i32) {
    sqlx::query(
        "INSERT INTO identity.invitation
         SELECT $1, gen_random_uuid(), n || '@clinic.example', 'staff', decode(repeat('00', 32), 'hex'),
                gen_random_uuid(), '2026-03-02T09:00:00Z', '2026-03-04T09:00:00Z'
         FROM generate_series(1, $2) n",
    )
    .bind(org)
    .bind(count)
    .execute(owner)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_clinic_has_a_hundred_open_invitations_at_most() {
    let stage = Stage::start().await;
    let mut owner = stage.fixture.database.owner().await;
    fill(&mut owner, stage.lee.org(), 100).await;
    let refused = stage.invite(&stage.lee, NEW, "staff").await.unwrap_err();
    let expected = (Kind::Conflict, "TOO_MANY_INVITATIONS");
    assert_eq!((refused.kind, &*refused.reason), expected);
    let again = stage.invite(&stage.lee, "7@clinic.example", "staff").await;
    assert!(again.is_ok(), "one replaces another");
    assert!(stage.invite(&stage.kim, NEW, "staff").await.is_ok());
    stage.later(SignedDuration::from_hours(48));
    assert!(stage.invite(&stage.lee, NEW, "staff").await.is_ok());
}

#[tokio::test]
async fn of_two_invitations_at_once_one_is_the_hundredth() {
    let stage = Stage::start().await;
    let mut owner = stage.fixture.database.owner().await;
    fill(&mut owner, stage.lee.org(), 99).await;
    let gate = Gate::shut(&stage.fixture, "identity.invitation", stage.lee.org()).await;
    let (one, two, ()) = tokio::join!(
        stage.invite(&stage.lee, NEW, "staff"),
        stage.invite(&stage.lee, "newer@clinic.example", "staff"),
        gate.open_for(2),
    );
    let mut outcomes = [reason(one), reason(two)];
    outcomes.sort();
    assert_eq!(outcomes, ["OK", "TOO_MANY_INVITATIONS"]);
}

#[tokio::test]
async fn every_change_is_in_the_log_and_no_address() {
    let stage = Stage::start().await;
    let token = stage.token(NEW, "staff", 1).await;
    let other = stage.invite(&stage.lee, KIM, "staff").await.unwrap();
    assert_eq!(stage.revoke(&stage.lee, &other.id).await, "OK");
    stage.accept(&token, CHOSEN).await.unwrap();
    let mut audit = AuditServiceClient::new(stage.fixture.running.channel());
    let request = stage
        .fixture
        .within(&stage.lee, ListEntriesRequest::default());
    let log = answer(audit.list_entries(request).await).unwrap();
    let about = log.entries.iter().rev();
    let about = about.filter(|entry| entry.action.starts_with("invitation."));
    let noted: Vec<_> = about
        .map(|entry| (&*entry.action, &*entry.caller, entry.record_ids.len()))
        .collect();
    let lee = stage.lee.caller().to_string();
    let expected = [
        ("invitation.sent", &*lee, 1),
        ("invitation.sent", &*lee, 1),
        ("invitation.revoked", &*lee, 1),
        ("invitation.accepted", "job:invitation", 2),
    ];
    assert_eq!(noted, expected);
}

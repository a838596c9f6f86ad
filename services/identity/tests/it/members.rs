//! Members are shown, get other roles, are removed and leave; their sessions follow at once.

use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_proto::identity::v1::{
    ChangeRoleRequest, CheckSessionRequest, ListMembersRequest, RemoveMemberRequest, SwitchRequest,
    member_service_client::MemberServiceClient,
};
use voxanne_tenant::{Caller, Role, Tenant};

use crate::fixture::{Fixture, Owner, answer, member, reason, text, user};

async fn join(fixture: &Fixture, org: OrgId, user: UserId, role: &str) {
    let mut owner = fixture.database.owner().await;
    sqlx::query("INSERT INTO identity.member VALUES ($1, $2, $3, '2026-03-02T09:00:00Z')")
        .bind(org)
        .bind(user)
        .bind(role)
        .execute(&mut owner)
        .await
        .expect("a membership");
}

/// A session of `from`'s user in `org`, as a caller and with the role that its token says.
async fn enter(fixture: &Fixture, (from, token): (&Tenant, &str), org: OrgId) -> (Tenant, String) {
    let message = SwitchRequest {
        to: org.to_string(),
        device: None,
        refresh_token: token.to_owned(),
    };
    let request = fixture.within(from, message);
    let switched = answer(fixture.sessions().switch(request).await).expect("a member");
    let tokens = switched.tokens.expect("tokens");
    let claims = fixture.claims(&tokens.access_token).await;
    let role: Role = text(&claims["app_metadata"]["role"])
        .parse()
        .expect("a role");
    let session: SessionId = text(&claims["sid"]).parse().expect("an id");
    let entered = member(org, user(from), session, role);
    (entered, tokens.refresh_token)
}

/// Somebody with the cookie of their session.
fn holder(owner: Owner) -> (Tenant, String) {
    (owner.tenant, owner.refresh_token)
}

fn members(fixture: &Fixture) -> MemberServiceClient<tonic::transport::Channel> {
    MemberServiceClient::new(fixture.running.channel())
}

async fn give(fixture: &Fixture, by: &Tenant, to: UserId, role: &str) -> String {
    let message = ChangeRoleRequest {
        id: to.to_string(),
        role: role.into(),
    };
    let request = fixture.within(by, message);
    reason(answer(members(fixture).change_role(request).await))
}

async fn remove(fixture: &Fixture, by: &Tenant, id: &str) -> String {
    let request = fixture.within(by, RemoveMemberRequest { id: id.into() });
    reason(answer(members(fixture).remove_member(request).await))
}

async fn roles(fixture: &Fixture, by: &Tenant) -> Vec<(String, String)> {
    let request = fixture.within(
        by,
        ListMembersRequest {
            limit: 0,
            cursor: String::new(),
        },
    );
    let answer = answer(members(fixture).list_members(request).await).expect("a list");
    let shown = answer.members.into_iter();
    shown.map(|one| (one.email, one.role)).collect()
}

async fn check(fixture: &Fixture, tenant: &Tenant) -> String {
    let request = fixture.within(tenant, CheckSessionRequest {});
    reason(answer(fixture.sessions().check_session(request).await))
}

#[tokio::test]
async fn a_new_role_ends_the_sessions_that_say_the_old_one() {
    let fixture = Fixture::start().await;
    let lee = fixture.owner("lee@acme.example").await.tenant;
    let (kim, token) = holder(fixture.owner("kim@globex.example").await);
    join(&fixture, lee.org(), user(&kim), "staff").await;
    let (there, _) = enter(&fixture, (&kim, &token), lee.org()).await;
    assert_eq!(give(&fixture, &lee, user(&kim), "staff").await, "OK");
    assert_eq!(check(&fixture, &there).await, "OK", "nothing changed");
    assert_eq!(give(&fixture, &lee, user(&kim), "auditor").await, "OK");
    assert_eq!(check(&fixture, &there).await, "SESSION_REVOKED");
    assert_eq!(check(&fixture, &lee).await, "OK", "others go on");
    let expected = [
        ("lee@acme.example".to_owned(), "owner".to_owned()),
        ("kim@globex.example".to_owned(), "auditor".to_owned()),
    ];
    assert_eq!(roles(&fixture, &lee).await, expected);
    let changed = ("member.role_changed".to_owned(), vec![user(&kim).as_uuid()]);
    assert_eq!(fixture.noted(lee.org(), "member.").await, [changed]);
    for (role, refused) in [("boss", "INVALID"), ("", "INVALID")] {
        assert_eq!(give(&fixture, &lee, user(&kim), role).await, refused);
    }
}

#[tokio::test]
async fn a_removed_member_is_out_at_once_and_keeps_their_account() {
    let fixture = Fixture::start().await;
    let lee = fixture.owner("lee@acme.example").await.tenant;
    let kim = fixture.owner("kim@globex.example").await;
    join(&fixture, lee.org(), user(&kim.tenant), "admin").await;
    let from = (&kim.tenant, &*kim.refresh_token);
    let (there, _) = enter(&fixture, from, lee.org()).await;
    let id = user(&kim.tenant).to_string();
    assert_eq!(remove(&fixture, &lee, &id).await, "OK");
    assert_eq!(check(&fixture, &there).await, "SESSION_REVOKED");
    assert_eq!(roles(&fixture, &lee).await.len(), 1);
    // What the token still says counts for nothing.
    assert_eq!(
        give(&fixture, &there, user(&lee), "staff").await,
        "ROLE_INSUFFICIENT"
    );
    assert_eq!(remove(&fixture, &lee, &id).await, "MEMBER_NOT_FOUND");
    let kim_id = vec![user(&kim.tenant).as_uuid()];
    let removed = ("member.removed".to_owned(), kim_id);
    assert_eq!(fixture.noted(lee.org(), "member.").await, [removed]);
    let password = crate::fixture::PASSWORD;
    assert!(fixture.login("kim@globex.example", password).await.is_ok());
}

#[tokio::test]
async fn anybody_may_leave_but_the_last_owner() {
    let fixture = Fixture::start().await;
    let lee = fixture.owner("lee@acme.example").await.tenant;
    let (kim, token) = holder(fixture.owner("kim@globex.example").await);
    join(&fixture, lee.org(), user(&kim), "auditor").await;
    let (there, _) = enter(&fixture, (&kim, &token), lee.org()).await;
    assert_eq!(
        remove(&fixture, &there, &user(&lee).to_string()).await,
        "ROLE_INSUFFICIENT"
    );
    assert_eq!(
        remove(&fixture, &there, &user(&kim).to_string()).await,
        "OK"
    );
    assert_eq!(
        remove(&fixture, &lee, &user(&lee).to_string()).await,
        "LAST_OWNER"
    );
    assert_eq!(
        give(&fixture, &lee, user(&lee), "admin").await,
        "LAST_OWNER"
    );
}

#[tokio::test]
async fn members_of_another_organisation_do_not_exist() {
    let fixture = Fixture::start().await;
    let lee = fixture.owner("lee@acme.example").await.tenant;
    let kim = fixture.owner("kim@globex.example").await.tenant;
    for id in [
        user(&kim).to_string(),
        UserId::new().to_string(),
        "nonsense".into(),
    ] {
        assert_eq!(
            remove(&fixture, &lee, &id).await,
            "MEMBER_NOT_FOUND",
            "{id}"
        );
    }
    assert_eq!(
        give(&fixture, &lee, user(&kim), "staff").await,
        "MEMBER_NOT_FOUND"
    );
    // Nor does a member by another issuer's word have a say.
    let guest = member(lee.org(), UserId::new(), SessionId::new(), Role::Owner);
    assert_eq!(
        give(&fixture, &guest, user(&lee), "staff").await,
        "ROLE_INSUFFICIENT"
    );
    assert_eq!(roles(&fixture, &kim).await.len(), 1);
}

#[tokio::test]
async fn of_two_owners_who_step_down_at_once_one_stays() {
    let fixture = Fixture::start().await;
    let lee = fixture.owner("lee@acme.example").await.tenant;
    let (kim, token) = holder(fixture.owner("kim@globex.example").await);
    join(&fixture, lee.org(), user(&kim), "owner").await;
    let (there, _) = enter(&fixture, (&kim, &token), lee.org()).await;
    for _ in 0..10 {
        let outcomes = tokio::join!(
            give(&fixture, &lee, user(&lee), "admin"),
            give(&fixture, &there, user(&kim), "admin"),
        );
        let mut outcomes = [outcomes.0, outcomes.1];
        outcomes.sort();
        assert_eq!(outcomes, ["LAST_OWNER", "OK"]);
        let mut owner = fixture.database.owner().await;
        sqlx::query("UPDATE identity.member SET role = 'owner' WHERE org_id = $1")
            .bind(lee.org())
            .execute(&mut owner)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_session_that_begins_while_the_role_changes_says_the_new_one_or_ends() {
    let fixture = Fixture::start().await;
    let lee = fixture.owner("lee@acme.example").await.tenant;
    let kim = fixture.owner("kim@globex.example").await;
    join(&fixture, lee.org(), user(&kim.tenant), "staff").await;
    let globex = kim.tenant.org();
    let mut from = holder(kim);
    for role in ["auditor", "staff"].repeat(6) {
        let to_kim = user(&from.0);
        let ((begun, _), given) = tokio::join!(
            enter(&fixture, (&from.0, &from.1), lee.org()),
            give(&fixture, &lee, to_kim, role),
        );
        assert_eq!(given, "OK");
        let Caller::User { role: said, .. } = begun.caller() else {
            panic!("a user")
        };
        if check(&fixture, &begun).await == "OK" {
            assert_eq!(said.as_str(), role, "an old role goes on");
        }
        let password = crate::fixture::PASSWORD;
        let again = fixture.login("kim@globex.example", password).await.unwrap();
        let again = fixture.refresh(&again).await.unwrap();
        let tokens = again.tokens.unwrap();
        let claims = fixture.claims(&tokens.access_token).await;
        let session = text(&claims["sid"]).parse().unwrap();
        let org = again.org.unwrap().id.parse().unwrap();
        let begun = member(org, to_kim, session, Role::Owner);
        // One in the clinic whose role changes would end before it is switched from.
        from = enter(&fixture, (&begun, &tokens.refresh_token), globex).await;
    }
}

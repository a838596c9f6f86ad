use jiff::SignedDuration;
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_proto::identity::v1::{
    CheckSessionRequest, GetSessionRequest, ListRevocationsRequest, ListRevocationsResponse,
    LogoutRequest, Revocation, revocation::Ended,
};
use voxanne_tenant::{Caller, Role, Tenant};
use voxanne_testkit::eventually;

use crate::fixture::{Fixture, answer, member, reason};

async fn revocations(fixture: &Fixture, after: i64) -> ListRevocationsResponse {
    let message = ListRevocationsRequest { after };
    answer(
        fixture
            .sessions()
            .list_revocations(fixture.system(message))
            .await,
    )
    .expect("an answer")
}

/// Organisation and session of every entry of a page.
fn told(page: &ListRevocationsResponse) -> Vec<(OrgId, SessionId)> {
    let told = |one: &Revocation| {
        let Some(Ended::SessionId(session)) = &one.ended else {
            panic!("not a session: {one:?}")
        };
        let org = one.org_id.parse().expect("an organisation's id");
        (org, session.parse().expect("a session's id"))
    };
    page.revocations.iter().map(told).collect()
}

async fn logout(fixture: &Fixture, tenant: &Tenant) {
    let outcome = fixture
        .client()
        .logout(fixture.within(tenant, LogoutRequest {}))
        .await;
    answer(outcome).expect("an answer");
}

async fn session(fixture: &Fixture, tenant: &Tenant) -> String {
    let outcome = fixture
        .client()
        .get_session(fixture.within(tenant, GetSessionRequest {}))
        .await;
    reason(answer(outcome))
}

#[tokio::test]
async fn a_session_shows_its_user_and_clinic() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await;
    let request = fixture.within(&owner.tenant, GetSessionRequest {});
    let shown = answer(fixture.client().get_session(request).await).unwrap();
    assert_eq!(shown.user.unwrap().email, "lee@acme.example");
    assert_eq!(shown.org.unwrap().id, owner.tenant.org().to_string());
    assert_eq!(shown.role, "owner");
}

#[tokio::test]
async fn logging_out_ends_the_session_once_and_for_all() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await;
    assert_eq!(session(&fixture, &owner.tenant).await, "OK");
    logout(&fixture, &owner.tenant).await;
    logout(&fixture, &owner.tenant).await;
    assert_eq!(session(&fixture, &owner.tenant).await, "SESSION_REVOKED");
    assert_eq!(
        reason(fixture.refresh(&owner.refresh_token).await),
        "SESSION_REVOKED"
    );
    assert_eq!(
        told(&revocations(&fixture, 0).await),
        [(owner.tenant.org(), owner.session)]
    );
}

#[tokio::test]
async fn the_feed_of_revocations_is_followed_by_position() {
    let fixture = Fixture::start().await;
    assert_eq!(
        revocations(&fixture, 0).await,
        ListRevocationsResponse::default()
    );
    let acme = fixture.owner("lee@acme.example").await;
    let globex = fixture.owner("kim@globex.example").await;
    logout(&fixture, &globex.tenant).await;
    let first = revocations(&fixture, 0).await;
    assert_eq!(told(&first), [(globex.tenant.org(), globex.session)]);
    assert_eq!(told(&revocations(&fixture, first.position).await), []);
    assert_eq!(
        revocations(&fixture, first.position).await.position,
        first.position
    );
    logout(&fixture, &acme.tenant).await;
    let second = revocations(&fixture, first.position).await;
    assert_eq!(told(&second), [(acme.tenant.org(), acme.session)]);
    assert!(second.position > first.position);
}

#[tokio::test]
async fn the_feed_leaves_out_what_no_access_token_can_outlive() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await;
    logout(&fixture, &owner.tenant).await;
    let begun = fixture.clock.now();
    fixture.clock.set(begun + SignedDuration::from_mins(119));
    assert_eq!(revocations(&fixture, 0).await.revocations.len(), 1);
    fixture.clock.set(begun + SignedDuration::from_mins(121));
    assert_eq!(revocations(&fixture, 0).await.revocations.len(), 0);
}

#[tokio::test]
async fn logouts_at_once_get_positions_of_their_own() {
    let fixture = Fixture::start().await;
    let mut owners = Vec::new();
    for number in 0..8 {
        owners.push(fixture.owner(&format!("lee{number}@acme.example")).await);
    }
    let logouts = owners.iter().map(|owner| logout(&fixture, &owner.tenant));
    futures_util::future::join_all(logouts).await;
    let feed = revocations(&fixture, 0).await;
    assert_eq!((feed.revocations.len(), feed.position), (8, 8));
}

#[tokio::test]
async fn a_session_belongs_to_one_user() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await;
    let org = owner.tenant.org();
    for (user, id) in [
        (UserId::new(), owner.session),
        (UserId::new(), SessionId::new()),
    ] {
        let tenant = member(org, user, id, Role::Owner);
        assert_eq!(session(&fixture, &tenant).await, "SESSION_REVOKED");
    }
}

#[tokio::test]
async fn ended_sessions_are_forgotten_a_day_later() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await;
    logout(&fixture, &owner.tenant).await;
    fixture
        .clock
        .set(fixture.clock.now() + SignedDuration::from_hours(92 * 24));
    // Pruning happens at the start and then every ten minutes: a second process does it now.
    let database = fixture.database.clone();
    let moment = fixture.clock.now();
    let second = Fixture::over_at(database, "k1", moment).await;
    eventually("ended sessions are gone", || async {
        let mut owner = second.database.owner().await;
        let left: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM identity.session)
                  + (SELECT count(*) FROM identity.refresh_token)
                  + (SELECT count(*) FROM identity.revocation)",
        )
        .fetch_one(&mut owner)
        .await
        .unwrap();
        left == 0
    })
    .await;
}

#[tokio::test]
async fn a_session_of_another_issuer_can_be_ended_too() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("lee@acme.example").await.tenant;
    // No row of ours knows the user or the session.
    let guest = member(acme.org(), UserId::new(), SessionId::new(), Role::Staff);
    let Caller::User { session: id, .. } = *guest.caller() else {
        panic!("a user")
    };
    let check = async |tenant: &Tenant| {
        let request = fixture.within(tenant, CheckSessionRequest {});
        reason(answer(fixture.sessions().check_session(request).await))
    };
    assert_eq!(check(&guest).await, "OK");
    logout(&fixture, &guest).await;
    logout(&fixture, &guest).await;
    assert_eq!(check(&guest).await, "SESSION_REVOKED");
    let feed = revocations(&fixture, 0).await;
    assert_eq!(told(&feed), [(acme.org(), id)], "told once");
    assert_eq!(check(&acme).await, "OK", "everybody else goes on");
}

#[tokio::test]
async fn nobody_ends_the_session_of_another_organisation() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("lee@acme.example").await;
    let globex = fixture.owner("kim@globex.example").await;
    let intruder = member(
        globex.tenant.org(),
        UserId::new(),
        acme.session,
        Role::Owner,
    );
    logout(&fixture, &intruder).await;
    let request = fixture.within(&acme.tenant, CheckSessionRequest {});
    let checked = fixture.sessions().check_session(request).await;
    assert_eq!(reason(answer(checked)), "OK");
    let feed = told(&revocations(&fixture, 0).await);
    assert_eq!(
        feed,
        [(globex.tenant.org(), acme.session)],
        "no gateway takes it for Acme's"
    );
}

//! A user looks through their sessions, ends them, and goes from one clinic to another.

use jiff::SignedDuration;
use sqlx::PgConnection;
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::{
    Device, EndAllSessionsRequest, EndSessionRequest, ListSessionsRequest, Session, SwitchRequest,
    SwitchResponse,
};
use voxanne_tenant::{Role, Tenant};

use crate::fixture::{Fixture, Owner, PASSWORD, answer, member, reason, text, user};

/// Lee, who owns Acme and is staff at Globex.
async fn lee(fixture: &Fixture) -> (Owner, OrgId) {
    let lee = fixture.owner("lee@acme.example").await;
    let globex = fixture.owner("kim@globex.example").await.tenant.org();
    let mut owner = fixture.database.owner().await;
    join(&mut owner, globex, user(&lee.tenant)).await;
    (lee, globex)
}

async fn join(owner: &mut PgConnection, org: OrgId, user: UserId) {
    sqlx::query("INSERT INTO identity.member VALUES ($1, $2, 'staff', '2026-03-02T09:00:00Z')")
        .bind(org)
        .bind(user)
        .execute(owner)
        .await
        .expect("a membership");
}

async fn switch(
    fixture: &Fixture,
    (from, token): (&Tenant, &str),
    to: &str,
) -> Result<SwitchResponse, Box<Problem>> {
    let message = SwitchRequest {
        to: to.to_owned(),
        refresh_token: token.to_owned(),
        device: Some(Device {
            address: "2001:db8::/48".into(),
            user_agent: "Safari on iOS".into(),
        }),
    };
    answer(
        fixture
            .sessions()
            .switch(fixture.within(from, message))
            .await,
    )
}

/// A browser that holds a session: its access token and its cookie.
fn holder(owner: &Owner) -> (&Tenant, &str) {
    (&owner.tenant, &owner.refresh_token)
}

/// The new session as a caller.
async fn caller(fixture: &Fixture, switched: &SwitchResponse) -> Tenant {
    let token = &switched.tokens.as_ref().expect("tokens").access_token;
    let claims = fixture.claims(token).await;
    let metadata = &claims["app_metadata"];
    let parse = |value| text(value).parse().expect("an id");
    let role: Role = text(&metadata["role"]).parse().expect("a role");
    let session: SessionId = text(&claims["sid"]).parse().expect("an id");
    let org: OrgId = text(&metadata["org_id"]).parse().expect("an id");
    member(org, parse(&claims["sub"]), session, role)
}

async fn listed(fixture: &Fixture, tenant: &Tenant) -> Vec<Session> {
    let request = fixture.within(tenant, ListSessionsRequest {});
    let answer = answer(fixture.sessions().list_sessions(request).await);
    answer.expect("a list").sessions
}

async fn end(fixture: &Fixture, tenant: &Tenant, id: &str) -> String {
    let request = fixture.within(tenant, EndSessionRequest { id: id.to_owned() });
    reason(answer(fixture.sessions().end_session(request).await))
}

#[tokio::test]
async fn a_user_sees_their_own_sessions_in_every_clinic() {
    let fixture = Fixture::start().await;
    let (lee, globex) = lee(&fixture).await;
    fixture.login("lee@acme.example", PASSWORD).await.unwrap();
    let switched = switch(&fixture, holder(&lee), &globex.to_string()).await;
    let there = caller(&fixture, &switched.unwrap()).await;
    let sessions = listed(&fixture, &there).await;
    let seen: Vec<_> = sessions
        .iter()
        .map(|one| {
            let device = one.device.as_ref().expect("a device");
            let org = one.org.as_ref().expect("an organisation");
            (&*org.id, &*device.user_agent, &*device.address, one.current)
        })
        .collect();
    let (acme, globex) = (lee.tenant.org().to_string(), globex.to_string());
    assert_eq!(seen.len(), 2, "the one that was switched from has ended");
    assert!(seen.contains(&(&acme, "Firefox on Linux", "203.0.113.0/24", false)));
    assert!(seen.contains(&(&globex, "Safari on iOS", "2001:db8::/48", true)));
}

#[tokio::test]
async fn switching_ends_one_session_and_begins_another() {
    let fixture = Fixture::start().await;
    let (lee, globex) = lee(&fixture).await;
    let switched = switch(&fixture, holder(&lee), &globex.to_string())
        .await
        .unwrap();
    assert_eq!(
        (&*switched.role, switched.org.clone().unwrap().id),
        ("staff", globex.to_string())
    );
    let there = caller(&fixture, &switched).await;
    assert_eq!(user(&there), user(&lee.tenant));
    assert_eq!(
        reason(fixture.refresh(&lee.refresh_token).await),
        "SESSION_REVOKED"
    );
    let token = switched.tokens.unwrap().refresh_token;
    assert_eq!(fixture.refresh(&token).await.unwrap().role, "staff");
    // An ended session leads nowhere.
    let again = switch(&fixture, holder(&lee), &globex.to_string()).await;
    assert_eq!(reason(again), "SESSION_REVOKED");
}

/// An access token lives for minutes; it must not become a session that lasts.
#[tokio::test]
async fn switching_takes_the_refresh_token_of_the_session() {
    let fixture = Fixture::start().await;
    let (lee, globex) = lee(&fixture).await;
    let globex = globex.to_string();
    let other = fixture.login("lee@acme.example", PASSWORD).await.unwrap();
    let kim = fixture.login("kim@globex.example", PASSWORD).await.unwrap();
    for token in ["", "vxr_", &lee.access_token, &other, &kim] {
        let refused = switch(&fixture, (&lee.tenant, token), &globex).await;
        assert_eq!(reason(refused), "INVALID_REFRESH_TOKEN", "{token}");
    }
    for token in [&other, &kim] {
        assert!(fixture.refresh(token).await.is_ok(), "they go on");
    }
    // It is not used up by a switch that comes to nothing.
    let nowhere = OrgId::new().to_string();
    let refused = switch(&fixture, holder(&lee), &nowhere).await;
    assert_eq!(reason(refused), "ORG_NOT_FOUND");
    let next = fixture.refresh(&lee.refresh_token).await.unwrap();
    let next = next.tokens.unwrap().refresh_token;
    // Another tab may hold the one before for a moment.
    let switched = switch(&fixture, holder(&lee), &globex).await;
    assert_eq!(reason(switched), "OK");
    assert_eq!(reason(fixture.refresh(&next).await), "SESSION_REVOKED");
}

#[tokio::test]
async fn a_used_refresh_token_ends_the_session_instead_of_switching_it() {
    let fixture = Fixture::start().await;
    let (lee, globex) = lee(&fixture).await;
    let next = fixture.refresh(&lee.refresh_token).await.unwrap();
    let next = next.tokens.unwrap().refresh_token;
    let later = fixture.clock.now() + SignedDuration::from_secs(11);
    fixture.clock.set(later);
    let stolen = switch(&fixture, holder(&lee), &globex.to_string()).await;
    assert_eq!(reason(stolen), "SESSION_REVOKED");
    assert_eq!(reason(fixture.refresh(&next).await), "SESSION_REVOKED");
    let late = switch(&fixture, (&lee.tenant, &next), &globex.to_string()).await;
    assert_eq!(reason(late), "SESSION_REVOKED");
}

#[tokio::test]
async fn a_refresh_token_that_has_expired_switches_nothing() {
    let fixture = Fixture::start().await;
    let (lee, globex) = lee(&fixture).await;
    let late = fixture.clock.now() + SignedDuration::from_hours(30 * 24);
    fixture.clock.set(late);
    let refused = switch(&fixture, holder(&lee), &globex.to_string()).await;
    assert_eq!(reason(refused), "INVALID_REFRESH_TOKEN");
}

#[tokio::test]
async fn nobody_switches_into_a_clinic_that_is_not_theirs() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("lee@acme.example").await;
    let globex = fixture.owner("kim@globex.example").await.tenant.org();
    for to in [
        globex.to_string(),
        OrgId::new().to_string(),
        "nonsense".into(),
        String::new(),
    ] {
        let refused = switch(&fixture, holder(&acme), &to).await;
        assert_eq!(reason(refused), "ORG_NOT_FOUND", "{to}");
    }
    assert!(
        fixture.refresh(&acme.refresh_token).await.is_ok(),
        "the session goes on"
    );
}

#[tokio::test]
async fn a_user_ends_one_session_of_theirs_and_of_nobody_else() {
    let fixture = Fixture::start().await;
    let (lee, globex) = lee(&fixture).await;
    let other = fixture.login("lee@acme.example", PASSWORD).await.unwrap();
    let switched = switch(&fixture, holder(&lee), &globex.to_string()).await;
    let there = caller(&fixture, &switched.unwrap()).await;
    let sessions = listed(&fixture, &there).await;
    let id = &sessions
        .iter()
        .find(|one| !one.current)
        .expect("another")
        .id;
    let kim = fixture.login("kim@globex.example", PASSWORD).await.unwrap();
    let stranger = fixture.owner("max@initech.example").await.tenant;
    assert_eq!(end(&fixture, &stranger, id).await, "SESSION_NOT_FOUND");
    assert_eq!(end(&fixture, &there, "nonsense").await, "SESSION_NOT_FOUND");
    assert_eq!(end(&fixture, &there, id).await, "OK", "from another clinic");
    assert_eq!(end(&fixture, &there, id).await, "OK", "and again");
    assert_eq!(reason(fixture.refresh(&other).await), "SESSION_REVOKED");
    assert!(fixture.refresh(&kim).await.is_ok());
    assert_eq!(listed(&fixture, &there).await.len(), 1);
    let ended: SessionId = id.parse().unwrap();
    let ended = ("session.ended".to_owned(), vec![ended.as_uuid()]);
    let noted = fixture.noted(lee.tenant.org(), "session.ended").await;
    assert_eq!(noted.iter().filter(|one| **one == ended).count(), 1);
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_in_every_clinic() {
    let fixture = Fixture::start().await;
    let (lee, globex) = lee(&fixture).await;
    let other = fixture.login("lee@acme.example", PASSWORD).await.unwrap();
    let kim = fixture.login("kim@globex.example", PASSWORD).await.unwrap();
    let switched = switch(&fixture, holder(&lee), &globex.to_string())
        .await
        .unwrap();
    let there = caller(&fixture, &switched).await;
    for _ in 0..2 {
        let request = fixture.within(&there, EndAllSessionsRequest {});
        answer(fixture.sessions().end_all_sessions(request).await).unwrap();
    }
    for token in [other, switched.tokens.unwrap().refresh_token] {
        assert_eq!(reason(fixture.refresh(&token).await), "SESSION_REVOKED");
    }
    assert!(fixture.refresh(&kim).await.is_ok(), "others go on");
    // Whoever has the password begins anew.
    let begun = fixture.login("lee@acme.example", PASSWORD).await.unwrap();
    let begun = fixture.refresh(&begun).await.unwrap().tokens.unwrap();
    let claims = fixture.claims(&begun.access_token).await;
    let session = text(&claims["sid"]).parse().unwrap();
    let anew = member(lee.tenant.org(), user(&lee.tenant), session, Role::Owner);
    assert_eq!(
        listed(&fixture, &anew).await.len(),
        1,
        "and it is the only one"
    );
}

/// Another issuer's user, who has the id of one of ours, is somebody else.
#[tokio::test]
async fn whose_session_is_not_ours_reaches_no_session_of_ours() {
    let fixture = Fixture::start().await;
    let lee = fixture.owner("lee@acme.example").await;
    let globex = fixture.owner("kim@globex.example").await.tenant.org();
    let namesake = member(globex, user(&lee.tenant), SessionId::new(), Role::Owner);
    let request = fixture.within(&namesake, ListSessionsRequest {});
    let shown = fixture.sessions().list_sessions(request).await;
    assert_eq!(reason(answer(shown)), "SESSION_REVOKED");
    let id = lee.session.to_string();
    assert_eq!(end(&fixture, &namesake, &id).await, "SESSION_REVOKED");
    let moved = switch(
        &fixture,
        (&namesake, &lee.refresh_token),
        &globex.to_string(),
    )
    .await;
    assert_eq!(reason(moved), "ORG_NOT_FOUND");
    let own = lee.tenant.org().to_string();
    let moved = switch(&fixture, (&namesake, &lee.refresh_token), &own).await;
    assert_eq!(reason(moved), "INVALID_REFRESH_TOKEN");
    let request = fixture.within(&namesake, EndAllSessionsRequest {});
    answer(fixture.sessions().end_all_sessions(request).await).unwrap();
    assert!(fixture.refresh(&lee.refresh_token).await.is_ok());
}

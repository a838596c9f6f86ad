//! Two clinics, the mails that leave them, and what people do with the links.

use jiff::SignedDuration;
use tonic::transport::Channel;
use voxanne_ids::{SessionId, UserId};
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::{
    AcceptInvitationRequest, Invitation, InviteRequest, JoinRequest, ListInvitationsRequest,
    ListMembersRequest, RevokeInvitationRequest,
    invitation_service_client::InvitationServiceClient, member_service_client::MemberServiceClient,
};
use voxanne_tenant::{Caller, Role, Tenant};

use crate::{
    fixture::{Fixture, answer, member, reason},
    inbox::Inbox,
};

pub(super) const LEE: &str = "lee@acme.example";
pub(super) const KIM: &str = "kim@globex.example";
pub(super) const NEW: &str = "new@clinic.example";
pub(super) const CHOSEN: &str = "another horse entirely";

pub(super) struct Stage {
    pub(super) inbox: Inbox,
    pub(super) fixture: Fixture,
    /// The owner of Acme.
    pub(super) lee: Tenant,
    /// The owner of Globex.
    pub(super) kim: Tenant,
}

pub(super) type Outcome<T> = Result<T, Box<Problem>>;

impl Stage {
    pub(super) async fn start() -> Self {
        let inbox = Inbox::start().await;
        let fixture = Fixture::with_mail(inbox.smtp.clone()).await;
        let lee = fixture.owner(LEE).await.tenant;
        let kim = fixture.owner(KIM).await.tenant;
        Self {
            inbox,
            fixture,
            lee,
            kim,
        }
    }

    pub(super) fn client(&self) -> InvitationServiceClient<Channel> {
        InvitationServiceClient::new(self.fixture.running.channel())
    }

    pub(super) async fn invite(&self, by: &Tenant, email: &str, role: &str) -> Outcome<Invitation> {
        let message = InviteRequest {
            email: email.into(),
            role: role.into(),
        };
        let request = self.fixture.within(by, message);
        let made = answer(self.client().invite(request).await)?;
        Ok(made.invitation.expect("an invitation"))
    }

    /// Invites and gives the token in the mail, the address's mail number `mail`.
    pub(super) async fn token(&self, email: &str, role: &str, mail: usize) -> String {
        if mail > 1 {
            // Two on their way at once may come in any order.
            self.inbox.newest(email, mail - 1).await;
        }
        self.invite(&self.lee, email, role).await.unwrap();
        self.inbox.token(email, mail).await
    }

    pub(super) async fn list(&self, by: &Tenant) -> Vec<Invitation> {
        let request = self.fixture.within(by, ListInvitationsRequest::default());
        let listed = answer(self.client().list_invitations(request).await);
        listed.expect("a list").invitations
    }

    pub(super) async fn revoke(&self, by: &Tenant, id: &str) -> String {
        let message = RevokeInvitationRequest { id: id.into() };
        let request = self.fixture.within(by, message);
        reason(answer(self.client().revoke_invitation(request).await))
    }

    pub(super) async fn accept(&self, token: &str, password: &str) -> Outcome<(String, String)> {
        let message = AcceptInvitationRequest {
            token: token.into(),
            password: password.into(),
        };
        let request = self.fixture.system(message);
        let joined = answer(self.client().accept_invitation(request).await)?;
        Ok((joined.org.expect("an organisation").id, joined.role))
    }

    pub(super) async fn join(&self, by: &Tenant, token: &str) -> String {
        let message = JoinRequest {
            token: token.into(),
        };
        let request = self.fixture.within(by, message);
        reason(answer(self.client().join(request).await))
    }

    pub(super) async fn members(&self) -> Vec<(String, String)> {
        let mut client = MemberServiceClient::new(self.fixture.running.channel());
        let request = self
            .fixture
            .within(&self.lee, ListMembersRequest::default());
        let listed = answer(client.list_members(request).await).expect("a list");
        let shown = listed.members.into_iter();
        shown.map(|one| (one.email, one.role)).collect()
    }

    pub(super) fn later(&self, by: SignedDuration) {
        let clock = &self.fixture.clock;
        clock.set(clock.now() + by);
    }

    /// A member of Acme with an account that nobody signs in to.
    pub(super) async fn put(&self, user: UserId, role: Role) -> Tenant {
        let mut owner = self.fixture.database.owner().await;
        sqlx::query(
            "INSERT INTO identity.user_account (id, email, password_hash, created_at)
             VALUES ($1, $2, 'none', now()) ON CONFLICT DO NOTHING",
        )
        .bind(user)
        .bind(format!("{}@acme.example", user.as_uuid()))
        .execute(&mut owner)
        .await
        .unwrap();
        sqlx::query("INSERT INTO identity.member VALUES ($1, $2, $3, now())")
            .bind(self.lee.org())
            .bind(user)
            .bind(role.as_str())
            .execute(&mut owner)
            .await
            .unwrap();
        member(self.lee.org(), user, SessionId::new(), role)
    }
}

pub(super) fn user(tenant: &Tenant) -> UserId {
    match tenant.caller() {
        Caller::User { id, .. } => *id,
        other => panic!("{other}"),
    }
}

pub(super) fn pair(email: &str, role: &str) -> (String, String) {
    (email.to_owned(), role.to_owned())
}

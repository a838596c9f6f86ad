//! Asking somebody to join.

use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{MOST_OPEN, NewInvitation, Shown, may_invite, store};
use crate::{
    Error, Identity, callers,
    mail::Mail,
    orgs,
    sessions::store::hold_member,
    single_use::{SingleUse, Use},
};

impl Identity {
    /// Mails a link to the address, in the place of an earlier one. Nothing here looks beyond the
    /// organisation, so neither the answer nor its time tells whether the address has an account.
    #[tracing::instrument(name = "invitation.invite", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn invite(&self, tenant: &Tenant, new: NewInvitation) -> Result<Shown, Error> {
        let (actor, _session) = callers::signed_in(tenant)?;
        let token = SingleUse::fresh(Use::Invitation)?;
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let held = hold_member(&mut tx, actor).await?;
        may_invite(held, new.role)?;
        store::lock(&mut tx).await?;
        if store::is_member(&mut tx, &new.email).await? {
            return Err(Error::AlreadyMember);
        }
        if let Some(role) = store::delete_of(&mut tx, &new.email, now).await? {
            may_invite(held, role)?;
        }
        if store::count_open(&mut tx, now).await? >= MOST_OPEN {
            return Err(Error::TooManyInvitations);
        }
        let inserted = store::insert(&mut tx, &new, &token.hash(), (actor, now)).await?;
        let shown = inserted.ok_or(Error::Contended)?;
        let org = orgs::store::load(&mut tx).await?.ok_or(Error::NoOrg)?;
        let mail = Mail::Invitation {
            clinic: org.name,
            token: token.reveal(),
        };
        self.mails
            .queue(&mut tx, new.email.expose(), mail, now)
            .await?;
        tx.note("invitation.sent", [shown.id.as_uuid()]);
        tx.commit().await?;
        self.mails.wake();
        Ok(shown)
    }
}

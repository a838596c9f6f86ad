//! A new user with a clinic of their own.

use serde_json::json;
use voxanne_events::New;
use voxanne_ids::{OrgId, UserId};
use voxanne_pg::OrgTx;
use voxanne_tenant::{Role, Tenant};

use super::{ClinicName, Email, NewPassword, ZoneName, store};
use crate::{
    Error, Identity,
    orgs::Org,
    sessions::{self, Device, Member, SignedIn},
};

/// What a visitor fills in.
pub(crate) struct NewAccount {
    pub(crate) email: Email,
    pub(crate) password: NewPassword,
    pub(crate) clinic_name: ClinicName,
    pub(crate) time_zone: ZoneName,
    pub(crate) device: Device,
}

impl Identity {
    /// Creates the user, the organisation and its first session together, and announces the
    /// organisation.
    #[tracing::instrument(name = "account.sign_up", skip_all)]
    pub(crate) async fn sign_up(&self, new: NewAccount) -> Result<SignedIn, Error> {
        let password_hash = self.passwords.hash(new.password.0).await?;
        let now = self.clock.now();
        let org = Org {
            id: OrgId::new(),
            name: new.clinic_name.as_str().to_owned(),
            time_zone: new.time_zone.as_str().to_owned(),
        };
        let member = Member {
            user: UserId::new(),
            email: new.email.clone().into_private(),
            email_verified: false,
            second_factor: false,
            role: Role::Owner,
            org,
        };
        let tenant = Tenant::for_job(member.org.id, "sign-up");
        let mut tx = OrgTx::begin(&self.pool, &tenant).await?;
        store::insert_user(&mut tx, &member, &password_hash, now).await?;
        store::insert_org(&mut tx, &member.org, now).await?;
        store::insert_member(&mut tx, &member, now).await?;
        let created = New {
            kind: "org.created",
            at: now,
            data: json!({ "orgId": member.org.id, "timeZone": member.org.time_zone }),
        };
        self.ask_to_verify(&mut tx, &member, now).await?;
        let opened = sessions::open::open(&mut tx, &self.keys, member, &new.device, now).await?;
        self.log.commit(tx, vec![created]).await?;
        self.mails.wake();
        self.signed_in(opened)
    }
}

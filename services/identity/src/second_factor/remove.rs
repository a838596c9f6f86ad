//! Turning the second factor off.

use secrecy::SecretString;
use voxanne_ids::{SessionId, UserId};
use voxanne_tenant::Tenant;

use super::{check::Checked, store};
use crate::{Error, Identity};

/// What shows that the user wants it.
pub(crate) enum Proof {
    Password(SecretString),
    Code(String),
}

impl Identity {
    /// Forgets the secret and the recovery codes.
    #[tracing::instrument(name = "second_factor.remove", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn remove_second_factor(
        &self,
        tenant: &Tenant,
        (user, session): (UserId, SessionId),
        proof: Proof,
    ) -> Result<(), Error> {
        self.show_session(tenant, user, session).await?;
        let code = match proof {
            Proof::Password(password) => {
                self.check_password(user, password).await?;
                None
            }
            Proof::Code(code) => Some(code),
        };
        let mut tx = self.begin_personal().await?;
        if !store::lock_is_on(&mut tx, user).await? {
            return Err(Error::SecondFactorOff);
        }
        let checked = match code {
            None => Checked::Right,
            Some(code) => {
                let now = self.clock.now();
                self.check_code(&mut tx, user, &code, now).await?
            }
        };
        if checked == Checked::Right {
            store::delete(&mut tx, user).await?;
            store::update_on(&mut tx, user, None).await?;
            tx.note(tenant, "user.second_factor_off", [user.as_uuid()]);
        }
        tx.commit().await?;
        checked.into_result()
    }
}

//! Which caller may do what.

use voxanne_ids::{SessionId, UserId};
use voxanne_tenant::{Caller, Permission, Permissions, System, Tenant};

use crate::Error;

/// The user and session of a signed-in member.
pub(crate) fn signed_in(tenant: &Tenant) -> Result<(UserId, SessionId), Error> {
    match tenant.caller() {
        Caller::User { id, session, .. } => Ok((*id, *session)),
        Caller::Key { .. } | Caller::Call(_) | Caller::Webhook(_) | Caller::Job(_) => {
            Err(Error::NotSignedIn)
        }
    }
}

/// Lets members and keys through that hold `permission`, and nobody else.
pub(crate) fn require(tenant: &Tenant, permission: Permission) -> Result<(), Error> {
    let allowed = tenant.caller().holds(permission) == Some(true);
    allowed.then_some(()).ok_or(Error::NotPermitted)
}

/// What the caller may do, as far as permissions say.
pub(crate) fn permissions(tenant: &Tenant) -> Permissions {
    let held = |one: &Permission| tenant.caller().holds(*one) == Some(true);
    Permission::ALL.iter().copied().filter(held).collect()
}

/// Lets those through who may know which provider accounts the clinic has connected.
pub(crate) fn sees_credentials(tenant: &Tenant) -> Result<(), Error> {
    match tenant.caller() {
        Caller::Job(_) => Ok(()),
        _ => require(tenant, Permission::CredentialsRead),
    }
}

/// Lets a service of ours through that works for the organisation on its own.
pub(crate) fn job(tenant: &Tenant) -> Result<(), Error> {
    match tenant.caller() {
        Caller::Job(_) => Ok(()),
        Caller::User { .. } | Caller::Key { .. } | Caller::Call(_) | Caller::Webhook(_) => {
            Err(Error::NotAJob)
        }
    }
}

/// Lets the gateway itself through.
pub(crate) fn gateway(system: &System) -> Result<(), Error> {
    if system.service() == "gateway" {
        Ok(())
    } else {
        Err(Error::NotTheGateway)
    }
}

#[cfg(test)]
mod tests {
    use voxanne_ids::{KeyId, OrgId};
    use voxanne_tenant::Role;

    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "the test stands in for the gateway"
    )]
    fn tenant(caller: Caller) -> Tenant {
        Tenant::authenticated(OrgId::new(), caller, "test")
    }

    fn user(role: Role) -> Tenant {
        tenant(Caller::User {
            id: UserId::new(),
            role,
            session: SessionId::new(),
        })
    }

    #[test]
    fn each_caller_may_do_its_own() {
        let key = |scopes: &[Permission]| {
            tenant(Caller::Key {
                id: KeyId::new(),
                scopes: scopes.iter().copied().collect(),
            })
        };
        let reader = key(&[Permission::CredentialsRead]);
        let booker = key(&[Permission::BookingsWrite]);
        let call = tenant(Caller::Call("c".into()));
        let webhook = tenant(Caller::Webhook("twilio".into()));
        let worker = Tenant::for_job(OrgId::new(), "messages");
        //   caller                connects     sees connections  is a job
        for (tenant, connects, sees, is_job) in [
            (&user(Role::Owner), true, true, false),
            (&user(Role::Admin), true, true, false),
            (&user(Role::Staff), false, false, false),
            (&user(Role::Provider), false, false, false),
            (&user(Role::Auditor), false, true, false),
            (&reader, false, true, false),
            (&booker, false, false, false),
            (&call, false, false, false),
            (&webhook, false, false, false),
            (&worker, false, true, true),
        ] {
            let got = (
                require(tenant, Permission::CredentialsWrite).is_ok(),
                sees_credentials(tenant).is_ok(),
                job(tenant).is_ok(),
            );
            assert_eq!(got, (connects, sees, is_job), "{:?}", tenant.caller());
        }
    }

    #[test]
    fn only_the_gateway_is_the_gateway() {
        assert!(gateway(&System::new("gateway", "r")).is_ok());
        assert!(gateway(&System::new("booking", "r")).is_err());
    }
}

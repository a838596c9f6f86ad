//! Which caller may do what.

use voxanne_ids::{SessionId, UserId};
use voxanne_tenant::{Caller, Role, System, Tenant};

use crate::Error;

/// The user and session of a signed-in member.
pub(crate) fn signed_in(tenant: &Tenant) -> Result<(UserId, SessionId), Error> {
    match tenant.caller() {
        Caller::User { id, session, .. } => Ok((*id, *session)),
        Caller::Call(_) | Caller::Webhook(_) | Caller::Job(_) => Err(Error::NotSignedIn),
    }
}

/// Lets members through who set the clinic up.
pub(crate) fn administrator(tenant: &Tenant) -> Result<(), Error> {
    match tenant.caller() {
        Caller::User { role, .. } if role.administers() => Ok(()),
        Caller::User { .. } | Caller::Call(_) | Caller::Webhook(_) | Caller::Job(_) => {
            Err(Error::NotAdministrator)
        }
    }
}

/// Lets those through who may know how the clinic is set up.
pub(crate) fn set_up_reader(tenant: &Tenant) -> Result<(), Error> {
    match tenant.caller() {
        Caller::User {
            role: Role::Auditor,
            ..
        }
        | Caller::Job(_) => Ok(()),
        Caller::User { .. } | Caller::Call(_) | Caller::Webhook(_) => administrator(tenant),
    }
}

/// Lets a service of ours through that works for the organisation on its own.
pub(crate) fn job(tenant: &Tenant) -> Result<(), Error> {
    match tenant.caller() {
        Caller::Job(_) => Ok(()),
        Caller::User { .. } | Caller::Call(_) | Caller::Webhook(_) => Err(Error::NotAJob),
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
    use voxanne_ids::OrgId;

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
        let call = tenant(Caller::Call("c".into()));
        let webhook = tenant(Caller::Webhook("twilio".into()));
        let worker = Tenant::for_job(OrgId::new(), "messages");
        //   caller                    administers  reads the set-up  is a job
        for (tenant, administers, reads, is_job) in [
            (&user(Role::Owner), true, true, false),
            (&user(Role::Admin), true, true, false),
            (&user(Role::Staff), false, false, false),
            (&user(Role::Provider), false, false, false),
            (&user(Role::Auditor), false, true, false),
            (&call, false, false, false),
            (&webhook, false, false, false),
            (&worker, false, true, true),
        ] {
            let got = (
                administrator(tenant).is_ok(),
                set_up_reader(tenant).is_ok(),
                job(tenant).is_ok(),
            );
            assert_eq!(got, (administers, reads, is_job), "{:?}", tenant.caller());
        }
    }

    #[test]
    fn only_the_gateway_is_the_gateway() {
        assert!(gateway(&System::new("gateway", "r")).is_ok());
        assert!(gateway(&System::new("booking", "r")).is_err());
    }
}

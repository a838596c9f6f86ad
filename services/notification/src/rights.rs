//! What a caller may do, beyond seeing its own organisation's messages.

use voxanne_problem::{Kind, Problem};
use voxanne_tenant::{Caller, Permission, Tenant};

/// Refuses to send for members and keys that may only read.
pub(crate) fn sends(tenant: &Tenant) -> Result<(), Problem> {
    let caller = tenant.caller();
    let member = caller.holds(Permission::MessagesWrite);
    allow(member.unwrap_or(matches!(caller, Caller::Call(_) | Caller::Job(_))))
}

/// Refuses to test the clinic's accounts for members and keys that may not connect them.
pub(crate) fn tests_credentials(tenant: &Tenant) -> Result<(), Problem> {
    allow(tenant.caller().holds(Permission::CredentialsWrite) == Some(true))
}

/// What became of a message is known from Twilio alone, whatever a member of the clinic says.
pub(crate) fn reports(tenant: &Tenant) -> Result<(), Problem> {
    allow(match tenant.caller() {
        Caller::Webhook(_) | Caller::Job(_) => true,
        Caller::User { .. } | Caller::Key { .. } | Caller::Call(_) => false,
    })
}

fn allow(allowed: bool) -> Result<(), Problem> {
    allowed.then_some(()).ok_or_else(|| {
        Problem::new(
            Kind::Forbidden,
            "ROLE_INSUFFICIENT",
            "your role does not allow this",
        )
    })
}

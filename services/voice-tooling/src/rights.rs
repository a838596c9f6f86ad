//! What a caller may do, beyond seeing its own organisation.

use voxanne_problem::{Kind, Problem};
use voxanne_tenant::{Caller, Tenant};

/// Refuses members who may not change the clinic's set-up, and everybody who is no member.
pub(crate) fn administers(tenant: &Tenant) -> Result<(), Problem> {
    let allowed = match tenant.caller() {
        Caller::User { role, .. } => role.administers(),
        Caller::Job(_) => true,
        Caller::Call(_) | Caller::Webhook(_) => false,
    };
    allowed.then_some(()).ok_or_else(|| {
        Problem::new(
            Kind::Forbidden,
            "ROLE_INSUFFICIENT",
            "your role does not allow this",
        )
    })
}

//! What a caller may do, beyond seeing its own organisation.

use voxanne_problem::{Kind, Problem};
use voxanne_tenant::{Caller, Permission, Tenant};

/// Refuses members and keys that may not change the agent, and every other caller but our jobs.
pub(crate) fn changes_agent(tenant: &Tenant) -> Result<(), Problem> {
    let caller = tenant.caller();
    let member = caller.holds(Permission::AgentWrite);
    let allowed = member.unwrap_or(matches!(caller, Caller::Job(_)));
    allowed.then_some(()).ok_or_else(|| {
        Problem::new(
            Kind::Forbidden,
            "ROLE_INSUFFICIENT",
            "your role does not allow this",
        )
    })
}

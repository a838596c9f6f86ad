//! What a caller may do, beyond seeing its own organisation.

use voxanne_tenant::{Caller, Permission, Tenant};

use crate::Error;

/// Refuses members and keys without `permission`. A patient's call or text may book, confirm and
/// cancel, and with that becomes known as a patient; and it may ask to be called back.
pub(crate) fn require(tenant: &Tenant, permission: Permission) -> Result<(), Error> {
    let caller = tenant.caller();
    let allowed = caller.holds(permission).unwrap_or(match caller {
        Caller::Job(_) => true,
        _ => matches!(
            permission,
            Permission::BookingsWrite | Permission::PatientsWrite | Permission::TasksWrite
        ),
    });
    allowed.then_some(()).ok_or(Error::RoleNotAllowed)
}

/// Refuses everybody without `permission`, and every patient's call or text.
pub(crate) fn require_desk(tenant: &Tenant, permission: Permission) -> Result<(), Error> {
    let caller = tenant.caller();
    let is_job = matches!(caller, Caller::Job(_));
    let allowed = caller.holds(permission).unwrap_or(is_job);
    allowed.then_some(()).ok_or(Error::RoleNotAllowed)
}

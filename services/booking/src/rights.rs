//! What a caller may do, beyond seeing its own organisation.

use voxanne_tenant::{Caller, Permission, Tenant};

use crate::Error;

/// Refuses members and keys without `permission`. A patient's call or text may book, confirm and
/// cancel, and with that becomes known as a patient.
pub(crate) fn require(tenant: &Tenant, permission: Permission) -> Result<(), Error> {
    let caller = tenant.caller();
    let allowed = caller.holds(permission).unwrap_or(match caller {
        Caller::Job(_) => true,
        _ => matches!(
            permission,
            Permission::BookingsWrite | Permission::PatientsWrite
        ),
    });
    allowed.then_some(()).ok_or(Error::RoleNotAllowed)
}

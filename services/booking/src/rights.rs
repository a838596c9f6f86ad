//! What a caller may do, beyond seeing its own organisation.

use voxanne_tenant::{Caller, Tenant};

use crate::Error;

/// Refuses members who may not change locations, providers, services and hours.
pub(crate) fn administers(tenant: &Tenant) -> Result<(), Error> {
    let allowed = match tenant.caller() {
        Caller::User { role, .. } => role.administers(),
        Caller::Job(_) => true,
        Caller::Call(_) | Caller::Webhook(_) => false,
    };
    allowed.then_some(()).ok_or(Error::RoleNotAllowed)
}

/// Refuses members who only read. A patient's call or text may book, confirm and cancel.
pub(crate) fn edits(tenant: &Tenant) -> Result<(), Error> {
    let allowed = match tenant.caller() {
        Caller::User { role, .. } => role.edits(),
        Caller::Job(_) | Caller::Call(_) | Caller::Webhook(_) => true,
    };
    allowed.then_some(()).ok_or(Error::RoleNotAllowed)
}

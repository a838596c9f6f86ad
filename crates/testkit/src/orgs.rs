//! Two organisations, so that every test can look over the fence.

use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_tenant::{Caller, Keys, Role, Tenant};

/// Two fresh organisations, each with a member of its front desk acting.
pub fn two_orgs() -> (Tenant, Tenant) {
    (staff(OrgId::new()), staff(OrgId::new()))
}

/// A member of `org`'s front desk.
#[expect(clippy::disallowed_methods, reason = "tests stand in for the gateway")]
pub fn staff(org: OrgId) -> Tenant {
    let caller = Caller::User {
        id: UserId::new(),
        role: Role::Owner,
        session: SessionId::new(),
    };
    Tenant::authenticated(org, caller, "test")
}

/// Keys that the services of a test share.
pub fn keys() -> Keys {
    "test:dGVzdHMgc2hhcmUgdGhpcyBrZXkgb2YgMzIgYnl0ZXM="
        .parse()
        .expect("32 bytes in base64")
}

//! Who may be asked to join a clinic, and for how long the question stands.

pub(crate) mod accept;
pub(crate) mod invite;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod store;
pub(crate) mod wire;

use jiff::{SignedDuration, Timestamp};
use voxanne_ids::InvitationId;
use voxanne_privacy::Private;
use voxanne_tenant::{Permission, Role};

use crate::{Error, accounts::Email, members::is_mighty};

/// As long as the mail says.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Open invitations of a clinic.
const MOST_OPEN: i64 = 100;

/// Somebody to invite.
pub(crate) struct NewInvitation {
    email: Email,
    role: Role,
}

/// An open invitation as the members are shown it.
pub(crate) struct Shown {
    id: InvitationId,
    email: Private<String>,
    role: Role,
    invited_at: Timestamp,
    expires_at: Timestamp,
}

/// Whether somebody who holds this role may make or take back an invitation to become `role`. By
/// another issuer's word nobody holds one.
fn may_invite(held: Option<Role>, role: Role) -> Result<(), Error> {
    let allowed = match held {
        None => false,
        Some(Role::Owner) => true,
        Some(held) => held.permissions().contains(Permission::MembersWrite) && !is_mighty(role),
    };
    allowed.then_some(()).ok_or(Error::NotPermitted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_owner_invites_owners_and_administrators() {
        use Role::{Admin, Auditor, Owner, Provider, Staff};
        for role in Role::ALL {
            for held in Role::ALL {
                let expected = matches!(
                    (held, role),
                    (Owner, _) | (Admin, Staff | Provider | Auditor)
                );
                let allowed = may_invite(Some(held), role).is_ok();
                assert_eq!(allowed, expected, "{held:?} {role:?}");
            }
            assert!(may_invite(None, role).is_err(), "{role:?}");
        }
    }
}

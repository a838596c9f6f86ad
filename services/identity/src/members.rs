//! Who may change whom.

pub(crate) mod change_role;
pub(crate) mod list;
pub(crate) mod remove;
mod store;
mod wire;

use jiff::Timestamp;
use voxanne_ids::UserId;
use voxanne_privacy::Private;
use voxanne_tenant::{Permission, Role};

use crate::Error;

/// A member as the others are shown them.
pub(crate) struct Shown {
    user: UserId,
    email: Private<String>,
    role: Role,
    joined_at: Timestamp,
}

/// A member whose role cannot change before the transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    user: UserId,
    role: Role,
}

/// The caller, somebody to change, and how many owners there are, all of them locked.
#[derive(Clone, Copy, Debug)]
struct Scene {
    actor: Standing,
    target: Standing,
    owners: usize,
}

impl Scene {
    /// Picks both out of the owners and whoever else was locked.
    fn of(locked: &[Standing], actor: UserId, target: UserId) -> Result<Self, Error> {
        let find = |user| locked.iter().find(|one| one.user == user).copied();
        let owners = locked.iter().filter(|one| one.role == Role::Owner);
        Ok(Self {
            // Whoever is a member by another issuer's word has their role from there.
            actor: find(actor).ok_or(Error::NotPermitted)?,
            target: find(target).ok_or(Error::NoMember)?,
            owners: owners.count(),
        })
    }

    /// Whether the actor may give the target this role.
    fn may_give(&self, role: Role) -> Result<(), Error> {
        self.writes_members()?;
        let lowers_himself = self.is_own() && !is_mighty(role);
        let is_lowly = !is_mighty(self.target.role) && !is_mighty(role);
        if self.actor.role != Role::Owner && !lowers_himself && !is_lowly {
            return Err(Error::NotPermitted);
        }
        self.leaves_an_owner(role == Role::Owner)
    }

    /// Whether the actor may remove the target; anybody may leave.
    fn may_remove(&self) -> Result<(), Error> {
        if !self.is_own() {
            self.writes_members()?;
            if self.actor.role != Role::Owner && is_mighty(self.target.role) {
                return Err(Error::NotPermitted);
            }
        }
        self.leaves_an_owner(false)
    }

    fn is_own(&self) -> bool {
        self.actor.user == self.target.user
    }

    fn writes_members(&self) -> Result<(), Error> {
        let permissions = self.actor.role.permissions();
        let allowed = permissions.contains(Permission::MembersWrite);
        allowed.then_some(()).ok_or(Error::NotPermitted)
    }

    fn leaves_an_owner(&self, stays_owner: bool) -> Result<(), Error> {
        if self.target.role == Role::Owner && !stays_owner && self.owners < 2 {
            return Err(Error::LastOwner);
        }
        Ok(())
    }
}

/// Whom only an owner makes or unmakes.
pub(crate) const fn is_mighty(role: Role) -> bool {
    matches!(role, Role::Owner | Role::Admin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(outcome: Result<(), Error>) -> &'static str {
        match outcome {
            Ok(()) => "ok",
            Err(Error::NotPermitted) => "role",
            Err(Error::LastOwner) => "last",
            Err(_) => "other",
        }
    }

    fn scene(actor: Role, target: Role, owners: usize) -> Scene {
        let someone = |role| Standing {
            user: UserId::new(),
            role,
        };
        Scene {
            actor: someone(actor),
            target: someone(target),
            owners,
        }
    }

    #[test]
    fn only_an_owner_makes_or_unmakes_owners_and_administrators() {
        use Role::{Admin, Auditor, Owner, Provider, Staff};
        for actor in Role::ALL {
            for target in Role::ALL {
                for role in Role::ALL {
                    let expected = match (actor, target, role) {
                        (Owner, ..) => "ok",
                        (Admin, Staff | Provider | Auditor, Staff | Provider | Auditor) => "ok",
                        _ => "role",
                    };
                    let outcome = scene(actor, target, 2).may_give(role);
                    assert_eq!(reason(outcome), expected, "{actor:?} {target:?} {role:?}");
                }
                let expected = match (actor, target) {
                    (Owner, _) | (Admin, Staff | Provider | Auditor) => "ok",
                    _ => "role",
                };
                let outcome = scene(actor, target, 2).may_remove();
                assert_eq!(reason(outcome), expected, "{actor:?} {target:?}");
            }
        }
    }

    #[test]
    fn nobody_raises_themself_and_anybody_leaves() {
        for role in Role::ALL {
            let someone = scene(role, role, 2).actor;
            let own = Scene {
                actor: someone,
                target: someone,
                owners: 2,
            };
            assert_eq!(reason(own.may_remove()), "ok", "{role:?}");
            for new in [Role::Owner, Role::Admin] {
                let expected = if role == Role::Owner { "ok" } else { "role" };
                assert_eq!(reason(own.may_give(new)), expected, "{role:?} {new:?}");
            }
        }
    }

    #[test]
    fn the_last_owner_stays() {
        let owner = scene(Role::Owner, Role::Owner, 1).actor;
        let alone = Scene {
            actor: owner,
            target: owner,
            owners: 1,
        };
        assert_eq!(reason(alone.may_give(Role::Admin)), "last");
        assert_eq!(reason(alone.may_give(Role::Owner)), "ok");
        assert_eq!(reason(alone.may_remove()), "last");
    }
}

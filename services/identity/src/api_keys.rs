//! API keys: what one may hold, and whether it is still good.

pub(crate) mod create;
pub(crate) mod find;
pub(crate) mod list;
pub(crate) mod revoke;
mod store;
pub(crate) mod wire;

use jiff::Timestamp;
use voxanne_ids::{KeyId, UserId};
use voxanne_privacy::Private;
use voxanne_problem::{Problem, Violations};
use voxanne_tenant::{Permission, Permissions};

const LONGEST_NAME: usize = 120;

/// What no key may hold: with these it could outlive its own revocation, by making another key or
/// member, or reach the accounts that the clinic has elsewhere.
const NEVER: Permissions = Permissions::of(&[
    Permission::MembersWrite,
    Permission::ApiKeysWrite,
    Permission::CredentialsWrite,
]);

/// A key as its clinic sees it.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) id: KeyId,
    name: String,
    last_four: String,
    scopes: Permissions,
    created_at: Timestamp,
    created_by: Maker,
    life: Life,
    last_used_at: Option<Timestamp>,
}

/// Who made a key.
#[derive(Clone, Debug)]
struct Maker {
    user: UserId,
    /// None for somebody who has left.
    email: Option<Private<String>>,
}

/// When a key ends, or ended.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Life {
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) revoked_at: Option<Timestamp>,
}

/// Whether a key may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    Expired,
    Revoked,
}

impl Life {
    pub(crate) fn at(self, now: Timestamp) -> Status {
        if self.revoked_at.is_some() {
            Status::Revoked
        } else if self.expires_at.is_some_and(|at| at <= now) {
            Status::Expired
        } else {
            Status::Active
        }
    }
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// What somebody asks for.
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: Option<Timestamp>,
}

/// A key that may be made.
#[derive(Clone, Debug)]
pub(crate) struct NewKey {
    name: String,
    scopes: Permissions,
    expires_at: Option<Timestamp>,
}

impl NewKey {
    /// Checks what is wanted by somebody who holds `maker`; every fault is named.
    pub(crate) fn check(
        wanted: Wanted,
        maker: Permissions,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let name = name(&mut bad, &wanted.name);
        let scopes = scopes(&mut bad, &wanted.scopes, maker);
        if wanted.expires_at.is_some_and(|at| at <= now) {
            bad.add("expiresAt", "IN_PAST", "must lie in the future");
        }
        let new = (|| {
            Some(Self {
                name: name?,
                scopes: scopes?,
                expires_at: wanted.expires_at,
            })
        })();
        bad.finish(new)
    }
}

fn name(bad: &mut Violations, text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=LONGEST_NAME).contains(&text.chars().count());
    if fits && !text.chars().any(char::is_control) {
        return Some(text.to_owned());
    }
    bad.add("name", "NAME", "must have 1 to 120 characters in one line");
    None
}

fn scopes(bad: &mut Violations, names: &[String], maker: Permissions) -> Option<Permissions> {
    if names.is_empty() {
        bad.add("scopes", "REQUIRED", "give what the key may do");
        return None;
    }
    let mut all = Vec::with_capacity(names.len());
    let mut fine = true;
    for (place, name) in names.iter().enumerate() {
        let Ok(permission) = name.parse::<Permission>() else {
            bad.add(format!("scopes[{place}]"), "ONE_OF", "must be a permission");
            fine = false;
            continue;
        };
        if NEVER.contains(permission) || !maker.contains(permission) {
            let detail = format!("`{permission}` is not yours to give to a key");
            bad.add(format!("scopes[{place}]"), "SCOPE_NOT_ALLOWED", detail);
            fine = false;
        }
        all.push(permission);
    }
    fine.then(|| all.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use voxanne_tenant::Role;

    use super::*;

    fn now() -> Timestamp {
        "2026-03-02T09:00:00Z".parse().unwrap()
    }

    fn faults(name: &str, scopes: &[&str], role: Role) -> Vec<(String, String)> {
        let wanted = Wanted {
            name: name.to_owned(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            expires_at: None,
        };
        let outcome = NewKey::check(wanted, role.permissions(), now());
        let violations = outcome.err().map(|problem| problem.violations);
        let violations = violations.unwrap_or_default().into_iter();
        violations.map(|one| (one.field, one.code)).collect()
    }

    #[test]
    fn a_key_holds_what_its_maker_may_give() {
        let none: Vec<(String, String)> = Vec::new();
        assert_eq!(faults("CRM", &["bookings:read"], Role::Owner), none);
        for never in ["members:write", "api-keys:write", "credentials:write"] {
            let expected = [("scopes[1]".to_owned(), "SCOPE_NOT_ALLOWED".to_owned())];
            assert_eq!(
                faults("CRM", &["clinic:read", never], Role::Owner),
                expected
            );
        }
        // Whoever made the table of roles may let others make keys: not mightier ones than they.
        let given = faults("CRM", &["audit:read", "bookings:write"], Role::Staff);
        assert_eq!(
            given,
            [("scopes[0]".to_owned(), "SCOPE_NOT_ALLOWED".to_owned())]
        );
        let given = faults("CRM", &["bookings:write"], Role::Auditor);
        assert_eq!(
            given,
            [("scopes[0]".to_owned(), "SCOPE_NOT_ALLOWED".to_owned())]
        );
    }

    #[test]
    fn every_fault_is_named() {
        let text = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            let owned = |&(field, code): &(&str, &str)| (field.to_owned(), code.to_owned());
            pairs.iter().map(owned).collect()
        };
        let got = faults(" ", &["everything", "clinic:read", "*"], Role::Owner);
        let expected = text(&[
            ("name", "NAME"),
            ("scopes[0]", "ONE_OF"),
            ("scopes[2]", "ONE_OF"),
        ]);
        assert_eq!(got, expected);
        assert_eq!(
            faults("a\nb", &[], Role::Owner),
            text(&[("name", "NAME"), ("scopes", "REQUIRED")])
        );
        assert_eq!(
            faults(&"x".repeat(121), &["clinic:read"], Role::Owner),
            text(&[("name", "NAME")])
        );
    }

    #[test]
    fn a_key_ends_when_it_expires_or_is_revoked() {
        let (past, future) = (
            now() - SignedDuration::from_secs(1),
            now() + SignedDuration::from_secs(1),
        );
        for (expires_at, revoked_at, status) in [
            (None, None, Status::Active),
            (Some(future), None, Status::Active),
            (Some(now()), None, Status::Expired),
            (Some(past), None, Status::Expired),
            (Some(past), Some(past), Status::Revoked),
            (None, Some(past), Status::Revoked),
        ] {
            let life = Life {
                expires_at,
                revoked_at,
            };
            assert_eq!(life.at(now()), status, "{life:?}");
        }
    }
}

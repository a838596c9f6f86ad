//! What may be done in a clinic, and which role may do it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Role;

macro_rules! permissions {
    ($(#[doc = $doc:literal] $name:ident = $text:literal,)*) => {
        /// One right in one clinic. Roles are sets of them, and so are the scopes of an API key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $(#[doc = $doc] $name,)*
        }

        impl Permission {
            /// Every permission there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name outside, e.g. `bookings:write`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// What it allows, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $doc.trim(),)*
                }
            }
        }
    };
}

permissions! {
    /// See locations, rooms, providers, services, opening hours, exceptions, blocked times and free slots.
    ClinicRead = "clinic:read",
    /// Change locations, rooms, providers, services, opening hours, exceptions and blocked times.
    ClinicWrite = "clinic:write",
    /// See appointments.
    BookingsRead = "bookings:read",
    /// Book, confirm, move and cancel appointments.
    BookingsWrite = "bookings:write",
    /// See patients.
    PatientsRead = "patients:read",
    /// Add, change, merge and erase patients.
    PatientsWrite = "patients:write",
    /// See what needs attention.
    TasksRead = "tasks:read",
    /// Ask for a call back, take a task on and resolve it.
    TasksWrite = "tasks:write",
    /// See text messages.
    MessagesRead = "messages:read",
    /// Send text messages.
    MessagesWrite = "messages:write",
    /// See calls and their transcripts.
    CallsRead = "calls:read",
    /// See the voice agent and its state.
    AgentRead = "agent:read",
    /// Change the voice agent and switch it on and off.
    AgentWrite = "agent:write",
    /// Listen to live updates, which hold ids, states and times only.
    EventsRead = "events:read",
    /// See which provider accounts are connected, without their secrets.
    CredentialsRead = "credentials:read",
    /// Connect, test and disconnect provider accounts.
    CredentialsWrite = "credentials:write",
    /// See who belongs to the clinic and who is invited.
    MembersRead = "members:read",
    /// Invite people, change their roles and remove them.
    MembersWrite = "members:write",
    /// See API keys, without their secrets.
    ApiKeysRead = "api-keys:read",
    /// Make and revoke API keys.
    ApiKeysWrite = "api-keys:write",
    /// Read and export the audit log.
    AuditRead = "audit:read",
}

impl Permission {
    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no permission has this name")]
pub struct UnknownPermission;

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, UnknownPermission> {
        let named = |permission: &&Self| permission.as_str() == text;
        Self::ALL
            .iter()
            .find(named)
            .copied()
            .ok_or(UnknownPermission)
    }
}

/// A set of permissions; outside it is a list of their names.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u32);

impl Permissions {
    /// The set of exactly these.
    pub const fn of(list: &[Permission]) -> Self {
        let mut bits = 0;
        let mut next = 0;
        while next < list.len() {
            bits |= list[next].bit();
            next += 1;
        }
        Self(bits)
    }

    /// All there are.
    pub const fn all() -> Self {
        Self::of(Permission::ALL)
    }

    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether `other` has nothing that this set lacks.
    pub const fn include(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// In the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        let all = Permission::ALL.iter().copied();
        all.filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(list: I) -> Self {
        Self(list.into_iter().fold(0, |bits, one| bits | one.bit()))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Permission::as_str))
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let read = |name: String| name.parse::<Permission>().map_err(de::Error::custom);
        names.into_iter().map(read).collect()
    }
}

/// Everything that shows something.
const READS: Permissions = Permissions::of(&[
    Permission::ClinicRead,
    Permission::BookingsRead,
    Permission::PatientsRead,
    Permission::TasksRead,
    Permission::MessagesRead,
    Permission::CallsRead,
    Permission::AgentRead,
    Permission::EventsRead,
    Permission::CredentialsRead,
    Permission::MembersRead,
    Permission::ApiKeysRead,
    Permission::AuditRead,
]);

/// A day at the front desk.
const DESK: Permissions = Permissions::of(&[
    Permission::ClinicRead,
    Permission::BookingsRead,
    Permission::BookingsWrite,
    Permission::PatientsRead,
    Permission::PatientsWrite,
    Permission::TasksRead,
    Permission::TasksWrite,
    Permission::MessagesRead,
    Permission::MessagesWrite,
    Permission::CallsRead,
    Permission::AgentRead,
    Permission::EventsRead,
    Permission::MembersRead,
]);

impl Role {
    /// What a member with this role may do. That an administrator may not touch an owner is a rule
    /// about members, not a permission.
    pub const fn permissions(self) -> Permissions {
        match self {
            Self::Owner | Self::Admin => Permissions::all(),
            Self::Staff | Self::Provider => DESK,
            Self::Auditor => READS,
        }
    }
}

#[cfg(test)]
mod tests;

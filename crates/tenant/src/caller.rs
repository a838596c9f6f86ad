//! Who acts.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use voxanne_ids::{KeyId, SessionId, UserId};

use crate::{Permission, Permissions};

/// What a member may do in a clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Admin,
    /// Front desk.
    Staff,
    /// Sees patients.
    Provider,
    /// Reads everything, changes nothing.
    Auditor,
}

impl Role {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Staff => "staff",
            Self::Provider => "provider",
            Self::Auditor => "auditor",
        }
    }

    /// Every role, the mightiest first.
    pub const ALL: [Self; 5] = [
        Self::Owner,
        Self::Admin,
        Self::Staff,
        Self::Provider,
        Self::Auditor,
    ];
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let named = |role: &Self| role.as_str() == text;
        Self::ALL.into_iter().find(named).ok_or(UnknownRole)
    }
}

/// The text names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownRole;

impl fmt::Display for UnknownRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected owner, admin, staff, provider or auditor")
    }
}

impl std::error::Error for UnknownRole {}

/// The person or part of the system that acts within an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// A member, signed in.
    User {
        id: UserId,
        role: Role,
        session: SessionId,
    },
    /// A program of the clinic's, by its API key.
    Key { id: KeyId, scopes: Permissions },
    /// A patient's call with the agent, by Vapi's id of the call.
    Call(String),
    /// A verified webhook of a provider, by the provider's name.
    Webhook(String),
    /// Work of our own that follows from a committed fact.
    Job(String),
}

impl Caller {
    /// Whether a member's role or a key's scopes allow `permission`. For the others nothing is
    /// answered: each service says itself what a call, a webhook or a job may do.
    pub const fn holds(&self, permission: Permission) -> Option<bool> {
        match self {
            Self::User { role, .. } => Some(role.permissions().contains(permission)),
            Self::Key { scopes, .. } => Some(scopes.contains(permission)),
            Self::Call(_) | Self::Webhook(_) | Self::Job(_) => None,
        }
    }
}

/// The form an actor has in a history: `user:usr_…`, `key:key_…`, `call:…`, `webhook:twilio`, `job:…`.
impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { id, .. } => write!(f, "user:{id}"),
            Self::Key { id, .. } => write!(f, "key:{id}"),
            Self::Call(id) => write!(f, "call:{id}"),
            Self::Webhook(provider) => write!(f, "webhook:{provider}"),
            Self::Job(name) => write!(f, "job:{name}"),
        }
    }
}

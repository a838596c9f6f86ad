//! Bringing Vapi to what is saved.
//!
//! A save never waits for Vapi. It leaves the agent due; the reconciler takes a lease on it, brings
//! the platform's tools and the clinic's assistant to what is wanted, looks whether Vapi kept it,
//! and writes down how far it came. Every step reads before it writes and may be repeated, so it
//! does no harm to be killed anywhere: Vapi has no idempotency keys, and what an earlier attempt
//! made is found and adopted.
//!
//! What somebody changes at Vapi by hand is shown and not undone until the clinic saves or asks for
//! a sync.

pub(crate) mod assistant;
pub(crate) mod audit;
pub(crate) mod link;
pub(crate) mod plan;
pub(crate) mod platform;
pub(crate) mod reconcile;
pub(crate) mod settle;
pub(crate) mod show;
pub(crate) mod start;
pub(crate) mod store;
pub(crate) mod wire;

use jiff::Timestamp;

use crate::vapi;

/// How far Vapi is from what is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(crate) enum State {
    /// Waits for the reconciler.
    Pending,
    /// The reconciler is at work.
    Syncing,
    Live,
    /// Was live, until somebody changed it at Vapi or a tool was defined anew.
    Drifted,
    /// Waits for the next attempt.
    Failed,
}

impl State {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Syncing => "syncing",
            Self::Live => "live",
            Self::Drifted => "drifted",
            Self::Failed => "failed",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sync {
    pub(crate) state: State,
    /// Why the last attempt failed, in words; empty when it did not.
    pub(crate) cause: String,
    pub(crate) next_attempt_at: Timestamp,
}

/// One tool of one organisation.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct ToolSync {
    pub(crate) name: String,
    pub(crate) state: State,
    pub(crate) cause: String,
    pub(crate) vapi_tool_id: Option<String>,
    pub(crate) definition_hash: Option<String>,
}

/// A tool as it is registered at Vapi, once for the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registered {
    pub(crate) name: String,
    pub(crate) vapi_tool_id: String,
    pub(crate) hash: String,
}

/// Why an attempt did not reach its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Vapi(#[from] vapi::Error),
    #[error("Vapi did not keep {0}")]
    NotKept(String),
    #[error("the lease ran out")]
    LeaseLost,
    #[error("the database failed")]
    Db(#[from] sqlx::Error),
}

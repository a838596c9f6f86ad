//! Slots that are kept for somebody who has not decided yet.
//!
//! A hold takes its provider's time as a booking does, and ends by the clock of Postgres, which all
//! processes share: from then on whoever wants its time gets it, and soon after it is said to be
//! free.

pub(crate) mod end_with_call;
pub(crate) mod expire;
pub(crate) mod hold;
pub(crate) mod release;
pub(crate) mod store;
pub(crate) mod wire;

use jiff::{Timestamp, civil::DateTime};
use voxanne_ids::{HoldId, ProviderId, ServiceId};

use crate::availability::Span;

/// A slot that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) id: HoldId,
    pub(crate) provider: ProviderId,
    pub(crate) service: ServiceId,
    pub(crate) visit: Span,
    pub(crate) time_zone: String,
    /// The civil start as it was promised.
    pub(crate) local_time: DateTime,
    /// By the clock of Postgres.
    pub(crate) expires_at: Timestamp,
}

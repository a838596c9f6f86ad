//! Times at which a provider or a room cannot be booked.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod store;
pub(crate) mod wire;

use voxanne_ids::{BlockId, ProviderId, RoomId};
use voxanne_privacy::Private;

use crate::availability::Span;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) id: BlockId,
    pub(crate) time: Blocked,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blocked {
    pub(crate) whose: Whose,
    pub(crate) span: Span,
    /// For staff. People write here why they are away.
    pub(crate) reason: Private<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Provider(ProviderId),
    Room(RoomId),
}

impl Whose {
    pub(crate) const fn provider(self) -> Option<ProviderId> {
        match self {
            Self::Provider(id) => Some(id),
            Self::Room(_) => None,
        }
    }

    pub(crate) const fn room(self) -> Option<RoomId> {
        match self {
            Self::Room(id) => Some(id),
            Self::Provider(_) => None,
        }
    }
}

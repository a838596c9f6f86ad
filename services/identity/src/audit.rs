//! Showing the audit log. Entries are written by whoever did what they tell of.

pub(crate) mod export;
pub(crate) mod list;
mod store;
pub(crate) mod wire;

use jiff::Timestamp;
use uuid::Uuid;

/// The times that are asked for; the end is not one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Between {
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
}

/// Which entries are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) between: Between,
    pub(crate) caller: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) record: Option<Uuid>,
}

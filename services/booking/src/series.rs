//! Visits that come again at the same time by the clinic's clock; each is an ordinary booking.

pub(crate) mod answer;
pub(crate) mod book;
pub(crate) mod cancel;
pub(crate) mod occurrences;
pub(crate) mod store;
pub(crate) mod wire;

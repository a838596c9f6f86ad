//! The audit log outside of the database: its entries, and whether their chain is whole.
//!
//! Nothing here reads a database or a clock, so that whoever holds an export can check it.

mod chain;
mod entry;

pub use chain::{Broken, Chain, Fault, Head};
pub use entry::{Entry, Hash};

//! A fact is committed with its announcement.
//!
//! [`Log::commit`] appends events to the log as the last statement of the transaction that makes
//! them true, then rings a doorbell. A [`consumer`] reads the log and remembers how far it came; the
//! doorbell only makes it look sooner.

mod append;
mod bell;
pub mod consumer;
mod doorbell;
mod event;
mod kinds;
mod link;
pub mod read;

pub use append::Log;
pub use bell::{Bell, Ear};
pub use doorbell::{Doorbell, Heard, Rings};
pub use event::{Event, New};
pub use kinds::KINDS;
pub use link::Redis;

//! One intent, one effect: the first answer to a key is the answer to every repetition.
//!
//! [`record`] is the authority and lives in the same Postgres transaction as the work.
//! [`cache`] is Redis in front of it: it saves work and decides nothing that must hold.

pub mod cache;
mod key;
pub mod record;

pub use key::{Fingerprint, InvalidKey, Key, KeyedRequest};

//! Encryption of the secrets that organisations entrust to the fleet.
//!
//! Each record has its own data key, and the data key is wrapped by a key of the process's
//! [`Keyring`]. Both ciphertexts are bound to the record's [`Place`]: copied to another
//! organisation, provider or field it does not open.

mod aead;
mod keyring;
mod place;
mod sealed;

pub use keyring::{InvalidKeys, Keyring, OpenError, SealError};
pub use place::Place;
pub use sealed::{InvalidSealed, Sealed};

#[cfg(test)]
mod tests;

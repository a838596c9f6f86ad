//! Encryption of the secrets that organisations entrust to the fleet.
//!
//! Each organisation has a [`DataKey`] of its own, which seals its secrets and never lies anywhere
//! unwrapped. A [`Wrapper`] wraps it: the process's [`Keyring`], or a key service. Every ciphertext
//! is bound to where it belongs: copied to another organisation, provider, field or version of a
//! credential it does not open.

mod aead;
mod alone;
mod data_key;
mod first_format;
mod keyring;
mod place;
mod vault;
mod wrapper;

pub use aead::Key;
pub use data_key::{DataKey, OpenError, SealError};
pub use keyring::{InvalidKeys, Keyring};
pub use place::Place;
pub use vault::Vault;
pub use wrapper::{Answer, Wrapped, Wrapper, WrapperError};

#[cfg(test)]
mod tests;

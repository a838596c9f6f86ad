//! Whoever wraps data keys: a keyring of ours, or a key service that never shows its keys.

use std::pin::Pin;

use zeroize::Zeroizing;

/// A data key as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// The key that wrapped it.
    pub key_id: String,
    pub bytes: Vec<u8>,
}

/// Why a data key was not wrapped or unwrapped.
#[derive(Debug, thiserror::Error)]
pub enum WrapperError {
    #[error("there is no key `{0}`")]
    UnknownKey(String),
    /// It was altered, or wrapped for something else.
    #[error("the wrapped key does not open here")]
    Refused,
    /// Another try may do better.
    #[error("the key service gave no answer")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// An answer that may have to come over a network.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, WrapperError>> + Send + 'a>>;

/// The holder of the keys that wrap data keys.
///
/// What was wrapped with `aad` must unwrap with the same `aad` only. The caller sets the deadline.
pub trait Wrapper: Send + Sync {
    /// The key that wraps from now on.
    fn current(&self) -> &str;

    /// Whether what `key_id` wrapped can be unwrapped.
    fn knows(&self, key_id: &str) -> bool;

    /// Wraps the bytes of a data key with the current key.
    fn wrap<'a>(&'a self, aad: &'a [u8], key: &'a [u8]) -> Answer<'a, Wrapped>;

    /// Gives the bytes of a data key back.
    fn unwrap<'a>(&'a self, aad: &'a [u8], wrapped: &'a Wrapped) -> Answer<'a, Zeroizing<Vec<u8>>>;
}

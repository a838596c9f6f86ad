//! A person's own account: password, address and second factor.

pub(crate) mod email;
pub(crate) mod password;
pub(crate) mod second_factor;

//! Codes for the day the app is lost: each is good once.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use voxanne_ids::UserId;

use crate::Error;

pub(super) const CODES: usize = 10;
/// 80 bits: too many to be guessed, so a fast hash is enough and tries need no count.
const BYTES: usize = 10;

/// A code as its user keeps it, `xxxxx-xxxxx-xxxxx-xxxxx` in hexadecimal.
pub(super) fn fresh() -> Result<String, Error> {
    let mut bytes = [0; BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_unspecified| Error::NoRandomness)?;
    let mut code = String::with_capacity(BYTES * 2 + 3);
    for (index, digit) in bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .enumerate()
    {
        if index % 5 == 0 && index > 0 {
            code.push('-');
        }
        write!(code, "{digit:x}").map_err(|_full| Error::NoRandomness)?;
    }
    Ok(code)
}

/// The hash of `text` as a code of `user`; none when it cannot be one.
pub(super) fn hash(user: UserId, text: &str) -> Option<[u8; 32]> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let is_code = digits.len() == BYTES * 2 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_code.then(|| {
        let input = format!("{user}:{digits}");
        let hash = digest(&SHA256, input.as_bytes());
        hash.as_ref().try_into().expect("SHA-256 has 32 bytes")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_however_it_is_typed_and_to_its_user_only() {
        let (user, other) = (UserId::new(), UserId::new());
        let code = fresh().unwrap();
        assert_eq!((code.len(), code.split('-').count()), (23, 4), "{code}");
        let stored = hash(user, &code).expect("its own text");
        assert_eq!(
            hash(user, &code.to_uppercase().replace('-', " ")),
            Some(stored)
        );
        assert_ne!(hash(other, &code), Some(stored));
        assert_ne!(fresh().unwrap(), code);
        for text in ["", "123456", "zzzzz-zzzzz-zzzzz-zzzzz", &code[1..]] {
            assert_eq!(hash(user, text), None, "{text}");
        }
    }
}

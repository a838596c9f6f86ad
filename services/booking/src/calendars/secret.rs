//! Texts that nobody guesses, kept as a hash.

use aws_lc_rs::digest;
use oauth2::CsrfToken;

const BYTES: u32 = 32;
/// What 32 bytes are in base64url.
const CHARACTERS: usize = 43;

/// Random text for a URL or a header.
pub(super) fn make() -> String {
    CsrfToken::new_random_len(BYTES).into_secret()
}

/// What is kept of it; none for what was never made here.
pub(super) fn hash_of(text: &str) -> Option<Vec<u8>> {
    (text.len() == CHARACTERS).then(|| hash(text))
}

pub(super) fn hash(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes())
        .as_ref()
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_the_length_that_is_looked_for() {
        let (one, other) = (make(), make());
        assert_ne!(one, other);
        assert!(hash_of(&one).is_some_and(|hash| hash.len() == 32));
        assert_eq!(hash_of(""), None);
    }
}

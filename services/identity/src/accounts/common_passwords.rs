//! Passwords that are guessed first (NIST SP 800-63B asks to refuse them).

use std::sync::LazyLock;

/// Those of eight characters and more among 30 000 of leaked lists, as gathered by zxcvbn (MIT), and
/// a few of our own; in lower case, sorted by bytes.
static LIST: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Whether `password` is one of them, in any case, or one character again and again.
pub(super) fn contain(password: &str) -> bool {
    let lower = password.to_lowercase();
    let mut characters = lower.chars();
    let first = characters.next();
    characters.all(|c| Some(c) == first) || LIST.binary_search(&lower.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_searchable() {
        assert!(LIST.len() > 10_000);
        assert!(LIST.is_sorted(), "binary search needs it");
    }

    #[test]
    fn what_is_guessed_first_is_found() {
        for password in [
            "password1",
            "PassWord1",
            "12345678",
            "qwertyuiop",
            "aaaaaaaaaaaa",
        ] {
            assert!(contain(password), "{password}");
        }
        for password in ["correct horse battery", "wrong horse", "Xk7!pq2-Lm"] {
            assert!(!contain(password), "{password}");
        }
    }
}

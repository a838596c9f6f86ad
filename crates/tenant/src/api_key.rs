//! An API key: `vxk_`, 32 random bytes and the start of a hash of what stands before it, in hex.
//!
//! The prefix lets people and secret scanners recognise one, and the checksum tells a key from a
//! typing error without asking anybody.

use std::fmt::Write as _;

use aws_lc_rs::{
    digest::{SHA256, digest},
    error::Unspecified,
    rand,
};
use secrecy::SecretString;
use zeroize::Zeroizing;

const RANDOM_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;

/// The secret of an API key. It is held for as long as it takes to make or to hash it.
pub struct ApiKey(Zeroizing<[u8; RANDOM_BYTES]>);

impl ApiKey {
    /// What every key begins with.
    pub const PREFIX: &'static str = "vxk_";

    /// A key that nobody has.
    pub fn fresh() -> Result<Self, Unspecified> {
        let mut random = Zeroizing::new([0; RANDOM_BYTES]);
        rand::fill(&mut *random)?;
        Ok(Self(random))
    }

    /// Reads a key; none when the text cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(Self::PREFIX)?;
        let (secret, checksum) = encoded.split_at_checked(2 * RANDOM_BYTES)?;
        if checksum != checksum_of(secret).as_str() {
            return None;
        }
        let mut random = Zeroizing::new([0; RANDOM_BYTES]);
        for (byte, digits) in random.iter_mut().zip(secret.as_bytes().chunks_exact(2)) {
            *byte = digit(digits[0])? << 4 | digit(digits[1])?;
        }
        Some(Self(random))
    }

    /// The text that is shown once, to whoever made the key.
    pub fn reveal(&self) -> SecretString {
        let secret = Zeroizing::new(hex(&*self.0));
        let checksum = checksum_of(&secret);
        format!("{}{}{checksum}", Self::PREFIX, *secret).into()
    }

    /// What is stored. The input is 256 random bits, so there is nothing to guess and a fast hash
    /// is enough.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &*self.0).as_ref());
        hash
    }

    /// The end of the text, to recognise a key by.
    pub fn last_four(&self) -> String {
        let secret = Zeroizing::new(hex(&*self.0));
        checksum_of(&secret).split_off(2 * CHECKSUM_BYTES - 4)
    }
}

fn checksum_of(secret: &str) -> String {
    let text = Zeroizing::new(format!("{}{secret}", ApiKey::PREFIX));
    hex(&digest(&SHA256, text.as_bytes()).as_ref()[..CHECKSUM_BYTES])
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string takes any text");
    }
    text
}

/// Lower case alone, so that one key has one text.
const fn digit(text: u8) -> Option<u8> {
    match text {
        b'0'..=b'9' => Some(text - b'0'),
        b'a'..=b'f' => Some(text - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_key_reads_back_from_its_text() {
        let key = ApiKey::fresh().unwrap();
        let text = key.reveal();
        let text = text.expose_secret();
        let read = ApiKey::parse(text).expect("its own text");
        assert_eq!((read.hash(), text.len()), (key.hash(), 76));
        assert!(text.starts_with("vxk_") && text.ends_with(&key.last_four()));
        assert_ne!(ApiKey::fresh().unwrap().hash(), key.hash());
    }

    /// So that other programs can check one: `sha256("vxk_<64 digits>")` begins with the last eight.
    #[test]
    fn the_form_of_a_key_stays() {
        let text = format!("vxk_{}5ffd0fd8", "00".repeat(32));
        let zeros = ApiKey(Zeroizing::new([0; 32]));
        assert_eq!(zeros.reveal().expose_secret(), text);
        assert!(ApiKey::parse(&text).is_some());
    }

    #[test]
    fn a_slip_of_the_hand_makes_no_key() {
        let key = ApiKey::fresh().unwrap().reveal();
        let key = key.expose_secret();
        for place in 4..key.len() {
            for other in ["0", "1", "f", "é"] {
                let typed = format!("{}{other}{}", &key[..place], &key[place + 1..]);
                assert_eq!(ApiKey::parse(&typed).is_some(), typed == key, "{typed}");
            }
        }
        for typed in [
            "",
            "vxk_",
            "vxk_123",
            &key[4..],
            &key[..75],
            &format!("{key}0"),
            &format!(" {key}"),
            &key.to_uppercase(),
            &key.replace("vxk_", "vxr_"),
        ] {
            assert!(ApiKey::parse(typed).is_none(), "{typed}");
        }
        let loud = format!("vxk_{}", key[4..].to_uppercase());
        assert_eq!(ApiKey::parse(&loud).is_some(), loud == key);
    }
}

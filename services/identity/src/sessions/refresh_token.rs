//! The refresh token as text, and the hash that is stored of it.

pub(super) mod store;

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;
use voxanne_ids::{OrgId, SessionId};
use voxanne_tenant::Keys;
use zeroize::Zeroizing;

use crate::Error;

/// Tells a leaked token from other texts, to people and to secret scanners.
const PREFIX: &str = "vxr_";
/// Random bytes, and a mark that they were made here for this session.
const SECRET_BYTES: usize = 32;
const RANDOM_BYTES: usize = 16;
const PURPOSE: &str = "identity refresh token";

/// `vxr_` and, in base64, the organisation, the session and 32 secret bytes.
///
/// The organisation is only a place to look in: without the secret bytes nothing is found there.
pub(crate) struct RefreshToken {
    pub(crate) org: OrgId,
    pub(crate) session: SessionId,
    secret: Zeroizing<[u8; SECRET_BYTES]>,
}

impl RefreshToken {
    pub(crate) fn fresh(keys: &Keys, org: OrgId, session: SessionId) -> Result<Self, Error> {
        let mut token = Self {
            org,
            session,
            secret: Zeroizing::new([0; SECRET_BYTES]),
        };
        let (random, _) = token.secret.split_at_mut(RANDOM_BYTES);
        rand::fill(random).map_err(|_unspecified| Error::NoRandomness)?;
        let (_, mark) = keys.sign(PURPOSE, &token.marked());
        let rest = token.secret.iter_mut().skip(RANDOM_BYTES);
        rest.zip(mark).for_each(|(place, byte)| *place = byte);
        Ok(token)
    }

    /// Whether it was made here for its session, though nothing may be stored of it any more.
    pub(super) fn is_made_with(&self, keys: &Keys) -> bool {
        keys.verify_any(PURPOSE, &self.marked(), &self.secret[RANDOM_BYTES..])
    }

    /// What the mark is made of.
    fn marked(&self) -> Zeroizing<Vec<u8>> {
        let (org, session) = (self.org.as_uuid(), self.session.as_uuid());
        let random = &self.secret[..RANDOM_BYTES];
        Zeroizing::new([org.as_bytes(), session.as_bytes(), random].concat())
    }

    /// Reads a token; none when the text cannot be one.
    pub(crate) fn parse(text: &SecretString) -> Option<Self> {
        let encoded = text.expose_secret().strip_prefix(PREFIX)?;
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(encoded).ok()?);
        let (org, rest) = bytes.split_first_chunk::<16>()?;
        let (session, secret) = rest.split_first_chunk::<16>()?;
        let secret = <[u8; SECRET_BYTES]>::try_from(secret).ok()?;
        Some(Self {
            org: OrgId::from_uuid(Uuid::from_bytes(*org)),
            session: SessionId::from_uuid(Uuid::from_bytes(*session)),
            secret: Zeroizing::new(secret),
        })
    }

    pub(crate) fn reveal(&self) -> SecretString {
        let mut bytes = Zeroizing::new(Vec::with_capacity(32 + SECRET_BYTES));
        bytes.extend_from_slice(self.org.as_uuid().as_bytes());
        bytes.extend_from_slice(self.session.as_uuid().as_bytes());
        bytes.extend_from_slice(&*self.secret);
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(&*bytes)).into()
    }

    /// What is stored. The input has 128 random bits, so there is nothing to guess and a fast hash
    /// is enough.
    pub(crate) fn hash(&self) -> [u8; 32] {
        digest(&SHA256, &*self.secret)
            .as_ref()
            .try_into()
            .expect("SHA-256 has 32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(byte: &str) -> Keys {
        format!("k1:{}=", byte.repeat(43)).parse().unwrap()
    }

    fn fresh() -> RefreshToken {
        RefreshToken::fresh(&keys("A"), OrgId::new(), SessionId::new()).unwrap()
    }

    #[test]
    fn a_token_is_told_from_one_that_was_made_up() {
        let (token, other) = (fresh(), fresh());
        assert!(token.is_made_with(&keys("A")));
        assert!(!token.is_made_with(&keys("E")));
        for place in [0, RANDOM_BYTES, SECRET_BYTES - 1] {
            let mut made_up = RefreshToken::parse(&token.reveal()).expect("its own text");
            made_up.secret[place] ^= 1;
            assert!(!made_up.is_made_with(&keys("A")), "byte {place}");
        }
        let moved = RefreshToken {
            session: other.session,
            ..RefreshToken::parse(&token.reveal()).expect("its own text")
        };
        assert!(!moved.is_made_with(&keys("A")));
    }

    #[test]
    fn a_token_reads_back_from_its_text() {
        let token = fresh();
        let read = RefreshToken::parse(&token.reveal()).expect("its own text");
        assert_eq!(
            (read.org, read.session, read.hash()),
            (token.org, token.session, token.hash())
        );
    }

    #[test]
    fn other_texts_are_no_tokens() {
        let token = fresh().reveal();
        let token = token.expose_secret();
        let short = &token[..token.len() - 4];
        for text in [
            "",
            "vxr_",
            "vxr_!!!!",
            &token[4..],
            short,
            &format!("{token}AAAA"),
        ] {
            assert!(
                RefreshToken::parse(&text.to_owned().into()).is_none(),
                "{text}"
            );
        }
    }

    #[test]
    fn two_tokens_of_one_session_differ() {
        let (org, session) = (OrgId::new(), SessionId::new());
        let make = |()| RefreshToken::fresh(&keys("A"), org, session).unwrap();
        let [one, two] = [(); 2].map(make);
        assert_ne!(one.hash(), two.hash());
    }
}

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
use zeroize::Zeroizing;

use crate::Error;

/// Tells a leaked token from other texts, to people and to secret scanners.
const PREFIX: &str = "vxr_";
const RANDOM_BYTES: usize = 32;

/// `vxr_` and, in base64, the organisation, the session and 32 random bytes.
///
/// The organisation is only a place to look in: without the random bytes nothing is found there.
pub(crate) struct RefreshToken {
    pub(crate) org: OrgId,
    pub(crate) session: SessionId,
    random: Zeroizing<[u8; RANDOM_BYTES]>,
}

impl RefreshToken {
    pub(crate) fn fresh(org: OrgId, session: SessionId) -> Result<Self, Error> {
        let mut random = Zeroizing::new([0; RANDOM_BYTES]);
        rand::fill(&mut *random).map_err(|_unspecified| Error::NoRandomness)?;
        Ok(Self {
            org,
            session,
            random,
        })
    }

    /// Reads a token; none when the text cannot be one.
    pub(crate) fn parse(text: &SecretString) -> Option<Self> {
        let encoded = text.expose_secret().strip_prefix(PREFIX)?;
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(encoded).ok()?);
        let (org, rest) = bytes.split_first_chunk::<16>()?;
        let (session, random) = rest.split_first_chunk::<16>()?;
        let random = <[u8; RANDOM_BYTES]>::try_from(random).ok()?;
        Some(Self {
            org: OrgId::from_uuid(Uuid::from_bytes(*org)),
            session: SessionId::from_uuid(Uuid::from_bytes(*session)),
            random: Zeroizing::new(random),
        })
    }

    pub(crate) fn reveal(&self) -> SecretString {
        let mut bytes = Zeroizing::new(Vec::with_capacity(32 + RANDOM_BYTES));
        bytes.extend_from_slice(self.org.as_uuid().as_bytes());
        bytes.extend_from_slice(self.session.as_uuid().as_bytes());
        bytes.extend_from_slice(&*self.random);
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(&*bytes)).into()
    }

    /// What is stored. The input is 256 random bits, so there is nothing to guess and a fast hash
    /// is enough.
    pub(crate) fn hash(&self) -> [u8; 32] {
        digest(&SHA256, &*self.random)
            .as_ref()
            .try_into()
            .expect("SHA-256 has 32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_from_its_text() {
        let token = RefreshToken::fresh(OrgId::new(), SessionId::new()).unwrap();
        let read = RefreshToken::parse(&token.reveal()).expect("its own text");
        assert_eq!(
            (read.org, read.session, read.hash()),
            (token.org, token.session, token.hash())
        );
    }

    #[test]
    fn other_texts_are_no_tokens() {
        let token = RefreshToken::fresh(OrgId::new(), SessionId::new())
            .unwrap()
            .reveal();
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
        let [one, two] = [(); 2].map(|()| RefreshToken::fresh(org, session).unwrap());
        assert_ne!(one.hash(), two.hash());
    }
}

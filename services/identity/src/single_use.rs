//! Random texts that are good for one use: links in mails, and the step between password and code.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::Error;

const RANDOM_BYTES: usize = 32;

/// What the text is good for. Each has a prefix of its own, so that one cannot pass for another and
/// a leaked one is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// A link to one's own account.
    Link,
    /// Sign-in between password and code.
    Challenge,
    /// A link that makes its bearer a member.
    Invitation,
}

/// 32 random bytes; only their hash is stored.
pub(crate) struct SingleUse {
    what_for: Use,
    random: Zeroizing<[u8; RANDOM_BYTES]>,
}

impl Use {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Link => "vxl_",
            Self::Challenge => "vxc_",
            Self::Invitation => "vxi_",
        }
    }
}

impl SingleUse {
    pub(crate) fn fresh(what_for: Use) -> Result<Self, Error> {
        let mut random = Zeroizing::new([0; RANDOM_BYTES]);
        rand::fill(&mut *random).map_err(|_unspecified| Error::NoRandomness)?;
        Ok(Self { what_for, random })
    }

    /// Reads a text; none when it cannot be one.
    pub(crate) fn parse(what_for: Use, text: &SecretString) -> Option<Self> {
        let encoded = text.expose_secret().strip_prefix(what_for.prefix())?;
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(encoded).ok()?);
        let random = <[u8; RANDOM_BYTES]>::try_from(bytes.as_slice()).ok()?;
        Some(Self {
            what_for,
            random: Zeroizing::new(random),
        })
    }

    pub(crate) fn reveal(&self) -> String {
        let encoded = BASE64_URL_SAFE_NO_PAD.encode(*self.random);
        format!("{}{encoded}", self.what_for.prefix())
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
    fn a_text_reads_back_for_its_own_use_only() {
        let link = SingleUse::fresh(Use::Link).unwrap();
        let text: SecretString = link.reveal().into();
        let read = SingleUse::parse(Use::Link, &text).expect("its own text");
        assert_eq!(read.hash(), link.hash());
        assert!(SingleUse::parse(Use::Challenge, &text).is_none());
        let challenge = SingleUse::fresh(Use::Challenge).unwrap();
        assert_ne!(challenge.hash(), link.hash());
    }

    #[test]
    fn other_texts_are_none() {
        let text = SingleUse::fresh(Use::Link).unwrap().reveal();
        for other in [
            "",
            "vxl_",
            "vxl_!!",
            &text[4..],
            &text[..44],
            &format!("{text}AA"),
        ] {
            assert!(
                SingleUse::parse(Use::Link, &other.to_owned().into()).is_none(),
                "{other}"
            );
        }
    }
}

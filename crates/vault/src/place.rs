//! Where a secret belongs.

use voxanne_ids::OrgId;

/// The one record a secret belongs to; it opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Whose secret it is.
    pub org: OrgId,
    /// The company it is used with, such as `twilio`.
    pub provider: &'a str,
    /// Which of that company's secrets it is, such as `authToken`.
    pub field: &'a str,
}

impl Place<'_> {
    /// The authenticated data of this place. Lengths precede the names, so that no two places
    /// share it; `purpose` keeps a wrapped key from passing for a record.
    pub(crate) fn aad(&self, purpose: &str) -> Vec<u8> {
        let mut aad = Vec::with_capacity(128);
        for part in ["voxanne.vault.v1", purpose, self.provider, self.field] {
            aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
            aad.extend_from_slice(part.as_bytes());
        }
        aad.extend_from_slice(self.org.as_uuid().as_bytes());
        aad
    }
}

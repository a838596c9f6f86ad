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
    /// The version of the credential it is a part of: what was replaced cannot be put back.
    pub version: i64,
}

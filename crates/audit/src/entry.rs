//! One entry, and the hash that it should have.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// A SHA-256; in text, 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first entry of a chain follows.
    pub const ZERO: Self = Self([0; 32]);
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl TryFrom<&[u8]> for Hash {
    type Error = std::array::TryFromSliceError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut hash = [0; 32];
        hex::decode_to_slice(&text, &mut hash).map_err(de::Error::custom)?;
        Ok(Self(hash))
    }
}

/// Who did what to which records, as a line of an export has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// The organisation.
    pub org: Uuid,
    /// 1, 2, 3, … without a gap.
    pub seq: i64,
    /// When; kept to the microsecond.
    pub at: Timestamp,
    /// `user:usr_…`, `key:key_…`, `call:…`, `webhook:…` or `job:…`.
    pub caller: String,
    /// The request it happened in.
    pub request_id: String,
    /// `<record>.<what happened>`.
    pub action: String,
    /// The records it happened to, or that were shown.
    pub records: Vec<Uuid>,
    /// The hash of the entry before.
    pub previous: Hash,
    /// This entry's own.
    pub hash: Hash,
}

impl Entry {
    /// The hash that follows from everything else the entry says: SHA-256 over the hash of the
    /// entry before and these lines, joined by line feeds: organisation, number, microseconds
    /// since 1970, caller, request id, action, and the records joined by commas.
    pub fn expected_hash(&self) -> Hash {
        let records: Vec<_> = self.records.iter().map(Uuid::to_string).collect();
        let lines = [
            self.org.to_string(),
            self.seq.to_string(),
            self.at.as_microsecond().to_string(),
            self.caller.clone(),
            self.request_id.clone(),
            self.action.clone(),
            records.join(","),
        ];
        let mut hash = Context::new(&SHA256);
        hash.update(&self.previous.0);
        hash.update(lines.join("\n").as_bytes());
        let mut own = [0; 32];
        own.copy_from_slice(hash.finish().as_ref());
        Hash(own)
    }
}

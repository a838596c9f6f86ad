//! The audit log.

pub(crate) mod export;
pub(crate) mod list;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use voxanne_ids::OrgId;
use voxanne_proto::identity::v1 as proto;

use super::moment;

/// Who did what to which records, and the link to the entry before.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditEntry {
    /// The organisation's UUID.
    org: String,
    /// 1, 2, 3, … without a gap.
    seq: i64,
    at: String,
    /// `user:usr_…`, `key:key_…`, `call:…`, `webhook:…` or `job:…`.
    caller: String,
    request_id: String,
    /// Such as `patient.read`.
    action: String,
    /// UUIDs of the records it happened to, or that were shown.
    records: Vec<String>,
    /// SHA-256 of the entry before, in hex.
    previous: String,
    /// SHA-256 over `previous` and everything above, in hex.
    hash: String,
}

impl AuditEntry {
    fn of(org: OrgId, entry: proto::Entry) -> Self {
        let uuid = |bytes: &Vec<u8>| uuid::Uuid::from_slice(bytes).unwrap_or_default();
        Self {
            org: org.as_uuid().to_string(),
            seq: entry.seq,
            at: moment::written(entry.at),
            caller: entry.caller,
            request_id: entry.request_id,
            action: entry.action,
            records: entry
                .record_ids
                .iter()
                .map(|id| uuid(id).to_string())
                .collect(),
            previous: hex::encode(entry.previous),
            hash: hex::encode(entry.hash),
        }
    }
}

/// From when to when.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Between {
    /// Entries from this time on.
    #[param(value_type = Option<String>, format = "date-time")]
    from: Option<Timestamp>,
    /// Entries before this time.
    #[param(value_type = Option<String>, format = "date-time")]
    to: Option<Timestamp>,
}

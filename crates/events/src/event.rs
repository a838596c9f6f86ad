//! What an event says.

use jiff::Timestamp;
use serde_json::Value;
use voxanne_ids::{EventId, OrgId};

/// A fact about to be committed.
#[derive(Clone, Debug)]
pub struct New {
    /// One of [`KINDS`](crate::KINDS), such as `booking.created`.
    pub kind: &'static str,
    pub at: Timestamp,
    /// Ids, states and times only: an event reaches every dashboard of the clinic, whatever its
    /// reader may see of a patient.
    pub data: Value,
}

/// A committed fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub org: OrgId,
    /// Its place among the organisation's events: 1, 2, 3, … without a gap.
    pub seq: i64,
    pub id: EventId,
    pub kind: String,
    pub at: Timestamp,
    pub data: Value,
    /// W3C `traceparent` of the change.
    pub trace: Option<String>,
}

//! What needs somebody's attention.

pub(crate) mod assign;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod resolve;
pub(crate) mod show;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::booking::v1 as proto;

use super::{moment, part::told};

/// Something that needs somebody's attention.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Task {
    id: String,
    /// callback, approval, conflict, `failed_message`, `calendar_disconnected` or `zone_changed`.
    kind: String,
    /// open or resolved.
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    note: Option<Private<String>>,
    /// The member who looks after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    opened_at: String,
    /// `rule:failed_message`, `user:usr_…` or `call:…`.
    opened_by: String,
    /// How long it has been open, or was.
    age_seconds: i64,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    outcome: Option<Private<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_at: Option<String>,
    /// `user:usr_…` or `rule:approval`.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_by: Option<String>,
    /// Grows by one with every change.
    version: i64,
}

impl Task {
    /// A task as it is at `now`.
    fn of(task: proto::Task, now: Timestamp) -> Self {
        Self {
            age_seconds: age(&task, now),
            id: task.id,
            kind: task.kind,
            state: task.state,
            booking_id: told(task.booking_id),
            patient_id: told(task.patient_id),
            message_id: told(task.message_id),
            provider_id: told(task.provider_id),
            location_id: told(task.location_id),
            note: told(task.note).map(Private::new),
            owner_id: told(task.owner_id),
            due_at: moment::text(task.due_at),
            opened_at: moment::written(task.opened_at),
            opened_by: task.opened_by,
            outcome: told(task.outcome).map(Private::new),
            resolved_at: moment::text(task.resolved_at),
            resolved_by: told(task.resolved_by),
            version: task.version,
        }
    }
}

/// Since it was opened; until it was resolved, when it is.
fn age(task: &proto::Task, now: Timestamp) -> i64 {
    let read = |at: Option<&prost_types::Timestamp>| voxanne_clock::from_proto(at?).ok();
    let until = read(task.resolved_at.as_ref()).unwrap_or(now);
    let opened_at = read(task.opened_at.as_ref()).unwrap_or(until);
    until.duration_since(opened_at).as_secs().max(0)
}

#[cfg(test)]
mod tests {
    use voxanne_clock::to_proto;

    use super::*;

    #[test]
    fn a_task_ages_until_it_is_resolved() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut task = proto::Task {
            opened_at: Some(to_proto(at(100))),
            ..proto::Task::default()
        };
        assert_eq!(age(&task, at(190)), 90);
        assert_eq!(age(&task, at(50)), 0, "by a clock that is behind");
        task.resolved_at = Some(to_proto(at(130)));
        assert_eq!(age(&task, at(9000)), 30);
    }
}

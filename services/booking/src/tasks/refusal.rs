//! Why something cannot be done to a task.

use serde_json::json;
use voxanne_ids::TaskId;
use voxanne_problem::{Kind, Problem};

use crate::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Resolved,
    Stale,
    /// One is open for the same subject.
    Exists(TaskId),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Resolved => Self::new(Kind::Conflict, "TASK_RESOLVED", "the task is resolved"),
            Refusal::Stale => Self::new(
                Kind::Conflict,
                "STALE_VERSION",
                "the task has changed, read it again",
            ),
            Refusal::Exists(id) => {
                Self::new(Kind::Conflict, "TASK_EXISTS", "such a task is open already")
                    .with_extension(json!({ "taskId": id }).to_string())
            }
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

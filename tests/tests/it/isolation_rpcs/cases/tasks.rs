//! What needs attention.

use voxanne_proto::booking::v1::{
    AssignTaskRequest, CreateTaskRequest, GetTaskRequest, ListTasksRequest, ResolveTaskRequest,
};

use super::{Case, Of, Who};

const OF: Of = Of("booking.v1.TaskService", Who::Owner);

pub(super) fn cases() -> Vec<Case> {
    vec![
        OF.nothing("ListTasks", ListTasksRequest::default()),
        OF.by(Who::Call)
            .nothing("CreateTask", CreateTaskRequest::default()),
        OF.id(
            "CreateTask",
            |it| &it.booking,
            |_, id| CreateTaskRequest {
                booking_id: id.into(),
                ..Default::default()
            },
        ),
        OF.id(
            "CreateTask",
            |it| &it.patient,
            |_, id| CreateTaskRequest {
                patient_id: id.into(),
                ..Default::default()
            },
        ),
        OF.id(
            "GetTask",
            |it| &it.task,
            |_, id| GetTaskRequest { id: id.into() },
        ),
        OF.id(
            "AssignTask",
            |it| &it.task,
            |mine, id| AssignTaskRequest {
                id: id.into(),
                owner_id: mine.member.clone(),
                version: None,
            },
        ),
        OF.id(
            "ResolveTask",
            |it| &it.task,
            |_, id| ResolveTaskRequest {
                id: id.into(),
                outcome: "Called back".into(),
                version: None,
            },
        ),
    ]
}

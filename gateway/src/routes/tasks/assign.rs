//! `POST /api/org/{orgId}/tasks/{id}/assign`

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_proto::booking::v1::AssignTaskRequest;

use super::Task;
use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// Who is to look after a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Assignment {
    /// A member's `usr_…`; null or absent: nobody.
    #[schema(format = "user-id")]
    owner_id: Option<String>,
    /// Assigns only this version of the task.
    #[schema(minimum = 1)]
    version: Option<i64>,
}

impl Form for Assignment {}

/// Gives the task to a member, or to nobody.
#[utoipa::path(post, path = "/tasks/{id}/assign", tag = "tasks", request_body = Assignment,
    params(("id" = String, Path, description = "`tsk_…`")), responses(
    (status = 200, description = "The task", body = Task),
    (status = 404, description = "TASK_NOT_FOUND"),
    (status = 409, description = "TASK_RESOLVED, STALE_VERSION")))]
pub(crate) async fn assign(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(form): Body<Assignment>,
) -> Result<Json<Task>, Refusal> {
    let tasks = &app.clients.tasks;
    let message = AssignTaskRequest {
        id,
        owner_id: form.owner_id.unwrap_or_default(),
        version: form.version,
    };
    let request = tasks.request(&tenant, message);
    let answer = tasks.client().assign_task(request).await?.into_inner();
    let now = app.process.clock.now();
    Ok(Json(Task::of(promised(answer.task)?, now)))
}
